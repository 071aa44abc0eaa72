/**
 * Which tags images get besides their specs, and which of these may move. docs/format.md, "Version tags". A tag that may not move
 * names the same content for ever.
 */
import semver from "semver";
import { BuildError } from "../../llb/index.ts";
import type { Image } from "../image.ts";
import type { Sanitizer } from "../variant.ts";

export interface VersionTag {
  readonly tag: string;
  /** Whether it may be taken from one content to another. */
  readonly moves: boolean;
}

/** What is being published. */
export type Occasion =
  /** A release: `version` is the tag in git, `v1.2.3`; `gitTags` are all that there are. */
  | { readonly kind: "release"; readonly version: string; readonly gitTags: readonly string[] }
  /** A commit of the main branch. `version` is without "v", `commit` the whole id. */
  | { readonly kind: "main"; readonly version: string; readonly commit: string }
  | { readonly kind: "pull-request"; readonly version: string; readonly commit: string; readonly sanitizer: Sanitizer };

/** Throws `BuildError` "bad-version" for a release that is no semantic version. */
export function versionTags(occasion: Occasion): readonly VersionTag[] {
  switch (occasion.kind) {
    case "release": {
      const { version, gitTags } = occasion;
      const latest = isNewest(version, gitTags) ? [{ tag: "latest", moves: true }] : [];
      return [{ tag: tagOf(version), moves: false }, ...latest];
    }
    case "main": {
      const { version, commit } = occasion;
      return [
        { tag: "unstable", moves: true },
        { tag: tagOf(`v${version}+main.g${commit}`), moves: false },
      ];
    }
    case "pull-request": {
      const { version, commit, sanitizer } = occasion;
      const suffix = sanitizer === "none" ? "" : `-${sanitizer}`;
      return [{ tag: tagOf(`v${version}+pr${suffix}.g${commit}`), moves: false }];
    }
  }
}

/** Whether an occasion's tags are for an image: a release's are only for those of the main line. */
export function takesVersionTags({ publish, mainline }: Image, occasion: Occasion): boolean {
  return publish && (occasion.kind !== "release" || mainline);
}

/** Tags can't have a plus: `--` stands for it. */
function tagOf(version: string): string {
  const tag = version.replaceAll("+", "--");
  if (/^\w[\w.-]{0,127}$/.test(tag)) return tag;
  throw new BuildError("bad-version", `${JSON.stringify(tag)} can't be the tag of an image`, {
    hint: "tags are letters, digits, dots, dashes and underscores, at most 128",
  });
}

/** The newest of all releases that are no prereleases. */
function isNewest(version: string, gitTags: readonly string[]): boolean {
  const own = semver.parse(version);
  if (own === null) {
    throw new BuildError("bad-version", `${version} is no semantic version`, {
      hint: "such as v1.2.3, or v1.2.3-rc.1",
    });
  }
  if (own.prerelease.length > 0) return false;
  return gitTags.every((tag) => {
    // Tags of other things, such as "mz-v1.2.3" beside "v1.2.3", are no versions.
    const other = tag.startsWith("v") === version.startsWith("v") ? semver.parse(tag) : null;
    return other === null || other.prerelease.length > 0 || semver.compare(other, own) <= 0;
  });
}
