/**
 * Ends the process where Node is too old. The launchers ask too, but not each time: what the shim of a version manager (asdf, mise,
 * Volta) starts may be another Node in the next directory.
 */
export function checkNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  const needed = `Node.js 20.19 or newer is needed; this is ${process.version} (https://nodejs.org)`;
  process.stderr.write(`mzbuild: ${needed}\n`);
  process.exit(1);
}
