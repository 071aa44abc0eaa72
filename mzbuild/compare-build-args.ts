/** What of an image's build arguments differs between two states of its `mzbuild.yml`. */
type BuildArgs = ReadonlyMap<string, string>;

/** Undefined where the argument was, or is, not given. */
export interface BuildArgDifference {
  readonly name: string;
  readonly before: string | undefined;
  readonly now: string | undefined;
}

/** Sorted by name. */
export function compareBuildArgs(before: BuildArgs, now: BuildArgs): readonly BuildArgDifference[] {
  return [...new Set([...before.keys(), ...now.keys()])]
    .sort()
    .map((name) => ({ name, before: before.get(name), now: now.get(name) }))
    .filter((argument) => argument.before !== argument.now);
}
