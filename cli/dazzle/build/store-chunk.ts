/** A chunk's own layers, stored as an image of its own once its full image is in the registry. */

import { BuildError } from "../../../llb/index.ts";
import { chunkedImage, formatImageName, type StoredImage } from "../../../mzbuild/index.ts";
import type { BaseInfo } from "../base-info.ts";
import {
  fetchImageSet,
  imageOf,
  type ManifestSet,
  type PlatformImage,
  platformName,
  pushImageSet,
} from "../image-set.ts";
import type { Registry } from "../registry.ts";
import type { ChunkNames } from "./chunk-state.ts";

/** Nothing is sent where the same is there already. Throws `BuildError` "not-built-on-base", `ClientError` of the registry. */
export async function storeChunk(
  registry: Registry,
  base: BaseInfo,
  names: ChunkNames,
  known: ManifestSet | undefined,
): Promise<readonly PlatformImage<StoredImage>[]> {
  const full = await fetchImageSet(registry, names.full);
  if (full === undefined) throw new BuildError("no-full-image", `${formatImageName(names.full)}: not found`);
  const images = full.images.map(({ platform, image }) => {
    const below = imageOf(base.images, platform);
    if (below === undefined) {
      throw new BuildError("no-such-platform", `the base has no image for ${platformName(platform)}`);
    }
    return { platform, image: chunkedImage(image, below, base.naming.baseRef) };
  });
  if (known !== undefined && sameConfigs(known, images)) return images;
  await copyLayers(registry, names, images);
  await pushImageSet(registry, names.chunked, images);
  return images;
}

function sameConfigs(known: ManifestSet, images: readonly PlatformImage<StoredImage>[]): boolean {
  return (
    known.images.length === images.length &&
    images.every(({ platform, image }) => {
      const its = known.images.find((candidate) => platformName(candidate.platform) === platformName(platform));
      return its?.image.manifest.config.digest === image.manifest.config.digest;
    })
  );
}

/** Into the chunk's own repository, if it has one. */
async function copyLayers(
  registry: Registry,
  { full, chunked }: ChunkNames,
  images: readonly PlatformImage<StoredImage>[],
): Promise<void> {
  if (full.repository === chunked.repository) return;
  const digests = new Set(images.flatMap(({ image }) => image.manifest.layers.map(({ digest }) => digest)));
  const [from, to] = [full.repository, chunked.repository];
  await Promise.all([...digests].map((digest) => registry.copyBlob(from, to, digest)));
}
