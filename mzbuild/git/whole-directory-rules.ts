/** Which ignored directories need not be sent to a daemon, in its own patterns. An optimisation, so on the safe side. */
import { trackedPaths } from "./index-file.ts";

/**
 * Patterns for the lines of the root's ignore file that name a directory at the root, such as `/target` or `/out/`: those
 * under which nothing is tracked. None where a rule takes something back, or where nobody knows what is tracked.
 */
export function wholeDirectoryRules(
  ignoreFile: Uint8Array | undefined,
  index: Uint8Array | undefined,
): readonly string[] {
  const lines = ignoreFile === undefined ? [] : new TextDecoder().decode(ignoreFile).split("\n");
  if (lines.some((line) => line.startsWith("!"))) return [];
  const tracked = index === undefined ? new Set<string>() : trackedPaths(index);
  if (tracked === undefined) return [];
  const top = new Set([...tracked].map((path) => path.split("/", 1)[0]));
  return lines.flatMap((line) => {
    const name = /^\/([A-Za-z0-9_.-]+)(\/?)\s*$/.exec(line);
    if (name?.[1] === undefined || name[1] === ".git" || top.has(name[1])) return [];
    // A trailing slash means directories alone: what is below one can be left out, a file of the name can't.
    return [name[2] === "" ? name[1] : `${name[1]}/**`];
  });
}
