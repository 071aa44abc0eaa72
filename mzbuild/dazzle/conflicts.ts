/** Files that several chunks of a combination write: of those, only the last one's is in the image. */

/** What a chunk writes: hashes of content by path. */
export type WrittenFiles = ReadonlyMap<string, string>;

export interface Conflict {
  readonly path: string;
  /** Names of the chunks, in the order of their layers. */
  readonly chunks: readonly string[];
}

/** In the order of paths. What is the same in all of them is none. */
export function findConflicts(
  chunks: readonly string[],
  filesOf: (chunk: string) => WrittenFiles | undefined,
): readonly Conflict[] {
  const writers = new Map<string, { readonly names: string[]; readonly hashes: Set<string> }>();
  for (const name of new Set(chunks)) {
    for (const [path, hash] of filesOf(name) ?? []) {
      const known = writers.get(path) ?? { names: [], hashes: new Set() };
      known.names.push(name);
      known.hashes.add(hash);
      writers.set(path, known);
    }
  }
  return [...writers]
    .filter(([, { names, hashes }]) => names.length > 1 && hashes.size > 1)
    .map(([path, { names }]) => ({ path, chunks: names }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Lines for people, one for each group of chunks; at most `paths` paths are named in each. */
export function describeConflicts(conflicts: readonly Conflict[], paths = 5): readonly string[] {
  const groups = new Map<string, Conflict[]>();
  for (const conflict of conflicts) {
    const key = conflict.chunks.join("\0");
    groups.set(key, [...(groups.get(key) ?? []), conflict]);
  }
  return [...groups.values()].map((group) => {
    const chunks = group[0]?.chunks ?? [];
    const named = group.slice(0, paths).map(({ path }) => path);
    const more = group.length > paths ? ` and ${group.length - paths} more` : "";
    return `${listOf(chunks)} write ${named.join(", ")}${more}: that of ${chunks.at(-1)} is in the image`;
  });
}

/** `a, b and c`. */
function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
