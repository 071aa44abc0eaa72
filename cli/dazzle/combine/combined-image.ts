/** The images of a combination, one for each platform that the base and all chunks have. */
import { BuildError } from "../../../llb/index.ts";
import {
  type Combination,
  combineImages,
  type EnvVarRule,
  formatConfig,
  type OciConfig,
  type OciImage,
  readConfig,
  type StoredImage,
} from "../../../mzbuild/index.ts";
import { type ImageSet, imageOf, type PlatformImage, platformName } from "../image-set.ts";
import type { ChunkSource } from "./chunk-sources.ts";

export interface CombineTask {
  readonly base: ImageSet;
  readonly sources: ReadonlyMap<string, ChunkSource>;
  readonly envVars: readonly EnvVarRule[];
  /** RFC 3339. */
  readonly created: string;
  /** Changes a chunk's image before it is combined: rebasing does. */
  readonly adapt?: (chunk: OciImage, base: OciImage, platform: string) => OciImage;
}

export interface CombinedPlatform extends PlatformImage<StoredImage> {
  readonly config: OciConfig;
}

/** Throws `BuildError` "no-such-platform" where a chunk lacks a platform of the base. */
export function combinedImages(task: CombineTask, { name, chunks }: Combination): readonly CombinedPlatform[] {
  const { base, sources, envVars, created, adapt = (chunk: OciImage) => chunk } = task;
  return base.images.map(({ platform, image: baseImage }) => {
    const images = chunks.map((chunk) => {
      const source = sources.get(chunk);
      const image = source === undefined ? undefined : imageOf(source.chunked, platform);
      if (image !== undefined) return adapt(image, baseImage, platformName(platform));
      const what = platformName(platform) || "one platform, as the base has it";
      throw new BuildError("no-such-platform", `combination ${name}: chunk ${chunk} has no image for ${what}`, {
        hint: "build it with the --platform that the base was built with",
      });
    });
    const image = combineImages(baseImage, images, { envVars, created });
    return { platform, image, config: readConfig(name, image.configBytes) };
  });
}

/** Whether a registry's image is the same but for the time at which it was made. */
export function isSameImage(known: ImageSet, combined: readonly CombinedPlatform[]): boolean {
  return (
    known.images.length === combined.length &&
    combined.every(({ platform, config, image }) => {
      const its = known.images.find((candidate) => platformName(candidate.platform) === platformName(platform))?.image;
      return (
        its !== undefined &&
        sameText(timeless(its.config), timeless(config)) &&
        sameText(its.manifest.layers, image.manifest.layers) &&
        sameText(sortedEntries(its.manifest.annotations), sortedEntries(image.manifest.annotations))
      );
    })
  );
}

/** The original puts variables in any order. */
function timeless({ created: _, ...image }: OciConfig): string {
  const config = { ...image.config, Env: (image.config.Env ?? []).toSorted() };
  return new TextDecoder().decode(formatConfig({ ...image, config }));
}

function sortedEntries(map: Readonly<Record<string, string>> | undefined): readonly (readonly [string, string])[] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

function sameText(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
