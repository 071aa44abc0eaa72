/** The build arguments of an image. docs/format.md, "Build arguments". */
import { BuildError } from "../llb/index.ts";
import type { Image } from "./image.ts";
import { goArchitecture, type Variant } from "./variant.ts";
import { pythonStr } from "./yaml/python-text.ts";
import { describeKind } from "./yaml/yaml-node.ts";

/**
 * The image's own, then those that every image gets and that win over equal names. Values that are not strings are turned
 * into strings as Python does. Throws `BuildError` "bad-image-config" where `build-args` is no mapping.
 */
export function buildArgsOf(image: Pick<Image, "buildArgs">, variant: Variant): ReadonlyMap<string, string> {
  return new Map([...ownBuildArgs(image), ...builtInArgs(variant)]);
}

/** The image's own `build-args`, as strings. */
export function ownBuildArgs({ buildArgs }: Pick<Image, "buildArgs">): ReadonlyMap<string, string> {
  if (buildArgs === undefined) return new Map();
  if (buildArgs.kind !== "mapping") {
    throw new BuildError("bad-image-config", `build-args must be a mapping, and is ${describeKind(buildArgs)}`, {
      at: [buildArgs.at],
      hint: "write one `NAME: value` a line, or leave the key out",
    });
  }
  return new Map(buildArgs.entries.map(({ key, value }) => [pythonStr(key), pythonStr(value)]));
}

function builtInArgs({ profile, architecture, sanitizer }: Variant): readonly (readonly [string, string])[] {
  return [
    ["BUILD_PROFILE", profile.toUpperCase()],
    ["ARCH_GCC", architecture],
    ["ARCH_GO", goArchitecture(architecture)],
    ["CI_SANITIZER", sanitizer],
  ];
}

/** What changes how a build gets on, not what comes out, and what BuildKit itself keeps out of its cache. */
const HARMLESS = /^(?:(?:https?|ftp|no|all)_proxy|(?:HTTPS?|FTP|NO|ALL)_PROXY|SOURCE_DATE_EPOCH|BUILDKIT_[A-Z_]+)$/;

/** Whether an argument that is given to a build may make other images than those that fingerprints name. */
export function isForeignBuildArg(name: string): boolean {
  return !HARMLESS.test(name);
}
