/** Whether a path stays where it belongs: relative, without empty components, "." and "..", and without a zero byte. */
export function isCleanPath(path: string): boolean {
  const components = path.split("/");
  return components.every((name) => name !== "" && name !== "." && name !== "..") && !path.includes("\0");
}
