/** The base of a project as the registry has it: its digest is part of all names. */

import { BuildError } from "../../llb/index.ts";
import {
  baseName,
  formatImageName,
  type ImageName,
  type NamingContext,
  type TargetRepository,
} from "../../mzbuild/index.ts";
import { fetchImageSet, type ImageSet, ownPlatform, platformName } from "./image-set.ts";
import type { OpenProject } from "./open-project.ts";
import type { Registry } from "./registry.ts";

export interface BaseInfo {
  readonly name: ImageName;
  readonly images: ImageSet;
  /** With its digest, what chunks are named by. */
  readonly naming: NamingContext;
}

/** Undefined where it was not built. Throws `ClientError` of the registry. */
export async function findBase(
  { project, hashes }: OpenProject,
  registry: Registry,
  target: TargetRepository,
): Promise<BaseInfo | undefined> {
  const name = baseName(project, hashes, target);
  const images = await fetchImageSet(registry, name);
  if (images === undefined) return undefined;
  const baseRef = `${formatImageName(name)}@${images.digest}`;
  return { name, images, naming: { hashes, target, baseRef } };
}

/** The base as far as it is for the platforms that were asked for: all of them by default. Throws `BuildError` "no-such-platform". */
export function onPlatforms(base: BaseInfo, platforms: readonly string[]): BaseInfo {
  if (platforms.length === 0) return base;
  const images = platforms.map((wanted) => {
    const found = base.images.images.find((candidate) => platformName(ownPlatform(candidate)) === wanted);
    if (found !== undefined) return found;
    const there = base.images.images.map((candidate) => platformName(ownPlatform(candidate))).join(", ");
    throw new BuildError("no-such-platform", `the base has no image for ${wanted}: it was built for ${there}`, {
      hint: `mzdazzle build ${base.naming.target.name} --platform ${platforms.join(",")} builds it, and the chunks on it`,
    });
  });
  return { ...base, images: { ...base.images, images } };
}

/** As {@link findBase}; throws `BuildError` "no-base" where it was not built. `lead` begins the message. */
export async function requireBase(
  open: OpenProject,
  registry: Registry,
  target: TargetRepository,
  lead = "",
): Promise<BaseInfo> {
  const base = await findBase(open, registry, target);
  if (base !== undefined) return base;
  const reference = formatImageName(baseName(open.project, open.hashes, target));
  throw new BuildError("no-base", `${lead}cannot download base image info: ${reference}: not found`, {
    hint: `mzdazzle build ${target.name} builds it, and the chunks on it`,
  });
}
