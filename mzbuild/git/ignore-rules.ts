/**
 * git's ignore files. Contract: git v2.39: Documentation/gitignore.txt, dir.c (`parse_path_pattern`, `last_matching_pattern_from_list`).
 */
import { compileWildmatch } from "../wildmatch.ts";

export interface IgnoreRule {
  readonly negated: boolean;
  readonly directoryOnly: boolean;
  /** `path` is relative to the directory of the ignore file. */
  readonly matches: (path: string) => boolean;
}

/** The rules of a directory and of all above it: the last that matches decides. */
export interface IgnoreScope {
  /** The directory of the ignore file with a slash at the end; empty for the root. */
  readonly prefix: string;
  readonly rules: readonly IgnoreRule[];
  readonly parent: IgnoreScope | undefined;
}

/** The rules of one file, in its order. */
export function parseIgnoreFile(bytes: Uint8Array): readonly IgnoreRule[] {
  const text = new TextDecoder().decode(bytes);
  return text.split("\n").flatMap((line) => parseRule(line) ?? []);
}

/** Is the path ignored by itself? Whether a directory above it is has to be asked before. */
export function isIgnored(scope: IgnoreScope | undefined, path: string, isDirectory: boolean): boolean {
  for (let at = scope; at !== undefined; at = at.parent) {
    const inner = path.slice(at.prefix.length);
    const rule = at.rules.findLast((one) => (isDirectory || !one.directoryOnly) && one.matches(inner));
    if (rule !== undefined) return !rule.negated;
  }
  return false;
}

function parseRule(line: string): IgnoreRule | undefined {
  let pattern = trimEnd(line.replace(/\r$/, ""));
  if (pattern === "" || pattern.startsWith("#")) return undefined;
  const negated = pattern.startsWith("!");
  if (negated) pattern = pattern.slice(1);
  const directoryOnly = pattern.endsWith("/");
  if (directoryOnly) pattern = pattern.slice(0, -1);
  const anchored = pattern.includes("/");
  const test = compileWildmatch(pattern.replace(/^\//, ""), { pathname: true, ignoreCase: false });
  if (test === undefined) return undefined;
  const matches = anchored ? test : (path: string) => test(path.slice(path.lastIndexOf("/") + 1));
  return { negated, directoryOnly, matches };
}

/** Blanks at the end don't count unless a backslash stands before them. */
function trimEnd(line: string): string {
  return line.replace(/((?:^|[^\\])(?:\\\\)*)[ ]+$/, "$1");
}
