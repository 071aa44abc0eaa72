/**
 * Turns paths that a build will read into include patterns: every symlink on the way and what it points to, so that a
 * filtered transfer holds the targets too.
 * Source: tonistiigi/fsutil v0.0.0-20260819142231: followlinks.go.
 */
import { posix } from "node:path";
import { sortNames } from "./compare-paths.ts";
import { compileGlob } from "./glob.ts";
import { cleanPath } from "./pattern-matcher.ts";
import { childPath, type SyncTree } from "./sync-tree.ts";

/** Sorted, without paths below others of the list; undefined where the whole tree is needed. */
export function followLinks(tree: SyncTree, paths: readonly string[]): readonly string[] | undefined {
  const resolved = new Set<string>();
  for (const path of paths) follow(tree, path, resolved);
  return dropCovered(sortNames([...resolved]));
}

/** Drops paths below others from a sorted list; undefined where it holds the root. */
export function dropCovered(sorted: readonly string[]): readonly string[] | undefined {
  const kept: string[] = [];
  for (const path of sorted) {
    if (path === ".") return undefined;
    const last = kept.at(-1) ?? "";
    if (!path.startsWith(`${last}/`)) kept.push(path);
  }
  return kept;
}

function follow(tree: SyncTree, path: string, resolved: Set<string>): void {
  const components = cleanPath(`./${path}`).replace(/^\//, "").split("/");
  let current = ".";
  for (const [index, component] of components.entries()) {
    current = posix.join(current, component);
    const rest = components.slice(index + 1).join("/");
    const targets = linkTargets(tree, current, true);
    if (targets === undefined && rest !== "") continue;
    if (resolved.has(current)) return;
    resolved.add(current);
    for (const target of targets ?? []) follow(tree, posix.join(target, rest), resolved);
    return;
  }
}

/** Where `path` points, as absolute paths in the tree; undefined where it is no symlink. A pattern points where its matches do. */
function linkTargets(tree: SyncTree, path: string, allowPattern: boolean): readonly string[] | undefined {
  if (path === "." || path === ".." || path.startsWith("../")) return undefined;
  const directory = posix.dirname(path);
  const base = posix.basename(path);
  if (allowPattern && hasWildcard(base)) {
    const pattern = compileGlob(base);
    const parent = directory === "." ? "" : directory;
    const targets = tree
      .list(parent)
      .filter((child) => pattern?.test(child.name))
      .flatMap((child) => linkTargets(tree, childPath(parent, child.name), false) ?? []);
    return targets.length === 0 ? undefined : targets;
  }
  const entry = tree.stat(path);
  if (entry?.kind !== "symlink") return undefined;
  const target = cleanPath(entry.target);
  return [target.startsWith("/") ? target : posix.join("/", directory, target)];
}

function hasWildcard(name: string): boolean {
  return /[*?[]/.test(name.replace(/\\./g, ""));
}
