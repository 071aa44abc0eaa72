/** What of an image's build arguments differs between two states of its `mzbuild.yml`. */
import { ownBuildArgs } from "./build-args.ts";
import type { Image } from "./image.ts";

/** Undefined where the argument was, or is, not given. */
export interface BuildArgDifference {
  readonly name: string;
  readonly before: string | undefined;
  readonly now: string | undefined;
}

/** Sorted by name. */
export function compareBuildArgs(before: Image, now: Image): readonly BuildArgDifference[] {
  const [then, today] = [ownBuildArgs(before), ownBuildArgs(now)];
  return [...new Set([...then.keys(), ...today.keys()])]
    .sort()
    .map((name) => ({ name, before: then.get(name), now: today.get(name) }))
    .filter((argument) => argument.before !== argument.now);
}
