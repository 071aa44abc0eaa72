/**
 * The filter that a daemon's request describes: patterns, and paths whose symlinks are to be followed.
 * Source: tonistiigi/fsutil v0.0.0-20260819142231: filter.go (NewFilterFS).
 */
import { dropCovered, followLinks } from "./follow-links.ts";
import { type FilterOptions, type PathFilter, pathFilter } from "./path-filter.ts";
import type { SyncTree } from "./sync-tree.ts";

export interface FilterRequest extends FilterOptions {
  /** Included with all that their symlinks lead to. */
  readonly follow: readonly string[];
}

/** Throws `ClientError` "bad-pattern", or what the tree throws. */
export function requestedFilter(tree: SyncTree, { include, exclude, follow }: FilterRequest): PathFilter {
  const targets = follow.length === 0 ? undefined : followLinks(tree, follow);
  if (targets === undefined) return pathFilter({ include, exclude });
  // As in the original, the two lists follow each other unsorted, which decides what is dropped.
  return pathFilter({ include: dropCovered([...include, ...targets]) ?? [], exclude });
}
