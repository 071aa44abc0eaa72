/**
 * Questions about a sorted listing of paths that must not cost a look at each of them: what lies below a directory,
 * and to which of several directories inside each other a file belongs.
 */

/** Paths in JavaScript's string order, each once. */
export type SortedPaths = readonly string[];

/** Sorts and removes repetitions. */
export function sortedPaths(paths: Iterable<string>): SortedPaths {
  const sorted = [...paths].sort();
  return sorted.filter((path, index) => path !== sorted[index - 1]);
}

/** Is `path` below `directory`? Everything but the root itself is below the root, "". */
export function isBelow(path: string, directory: string): boolean {
  return directory === "" ? path !== "" : path.startsWith(directory) && path.charCodeAt(directory.length) === SLASH;
}

/** All paths below a directory, at any depth; "" is the root. */
export function pathsBelow(paths: SortedPaths, directory: string): SortedPaths {
  if (directory === "") return paths;
  // "0" is the character after "/": all strings that start with "D/" sort between "D/" and "D0".
  return paths.slice(lowerBound(paths, `${directory}/`), lowerBound(paths, `${directory}0`));
}

/**
 * The paths that belong to `directory` where `others` are directories that take what is theirs: a path belongs to the
 * longest directory that contains it. The root takes nothing.
 */
export function pathsOwnedBy(paths: SortedPaths, directory: string, others: SortedPaths): SortedPaths {
  if (directory === "") return [];
  const inner = pathsBelow(others, directory);
  const below = pathsBelow(paths, directory);
  return inner.length === 0 ? below : below.filter((path) => !inner.some((other) => isBelow(path, other)));
}

const SLASH = 0x2f;

function lowerBound(paths: SortedPaths, wanted: string): number {
  let low = 0;
  let high = paths.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((paths[middle] ?? "") < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
