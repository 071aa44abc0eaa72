/** Images as a registry has them, one or one for each platform: read from there, and stored there byte by byte. */

import { BuildError, type Platform } from "../../llb/index.ts";
import {
  formatImageName,
  formatIndex,
  type ImageName,
  INDEX_TYPE,
  type OciConfig,
  type OciImage,
  type OciPlatform,
  readConfig,
  readManifest,
  type StoredImage,
} from "../../mzbuild/index.ts";
import type { Registry } from "./registry.ts";

export interface PlatformImage<Image> {
  /** Undefined for the only image of a tag. */
  readonly platform: OciPlatform | undefined;
  readonly image: Image;
}

export interface ImageSet {
  /** Of what the tag names. */
  readonly digest: string;
  readonly images: readonly PlatformImage<OciImage>[];
}

/** Images as far as their manifests tell of them. */
export interface ManifestSet {
  readonly images: readonly PlatformImage<Pick<OciImage, "manifest">>[];
}

/** `linux/arm64`; empty for the only image of a tag. */
export function platformName(platform: OciPlatform | undefined): string {
  if (platform === undefined) return "";
  return [platform.os, platform.architecture, ...(platform.variant ? [platform.variant] : [])].join("/");
}

/** The platform that a config says it is for. */
export function platformOfConfig({ os, architecture, variant = "" }: OciConfig): Platform {
  return { os, architecture, variant, osVersion: "", osFeatures: [] };
}

/** What an image is for, by the index or by itself. */
export function ownPlatform({ platform, image }: PlatformImage<OciImage>): OciPlatform {
  const { os, architecture, variant } = image.config;
  return platform ?? { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** Undefined where there is none. Throws `BuildError` "bad-image", `ClientError` of the registry. */
export async function fetchImageSet(registry: Registry, name: ImageName): Promise<ImageSet | undefined> {
  const at = name.repository;
  const reference = formatImageName(name);
  const found = await registry.manifest(at, name.tag);
  if (found === undefined) return undefined;
  const named = readManifest(reference, found.bytes);
  if (!("manifests" in named)) {
    const config = readConfig(reference, await registry.blob(at, named.config.digest));
    return { digest: found.digest, images: [{ platform: undefined, image: { manifest: named, config } }] };
  }
  // Attestations are listed as images of an unknown platform.
  const listed = named.manifests.filter(({ platform }) => platform !== undefined && platform.os !== "unknown");
  const images = await Promise.all(
    listed.map(async ({ digest, platform }) => {
      const inner = await registry.manifest(at, digest);
      const manifest = inner === undefined ? undefined : readManifest(reference, inner.bytes);
      if (manifest === undefined || "manifests" in manifest) {
        throw new BuildError("bad-image", `${reference}@${digest} can't be used: it is no image`);
      }
      const config = readConfig(reference, await registry.blob(at, manifest.config.digest));
      return { platform, image: { manifest, config } };
    }),
  );
  if (images.length === 0) throw new BuildError("bad-image", `${reference} can't be used: it lists no image`);
  return { digest: found.digest, images };
}

/** As {@link fetchImageSet}, without a look at the config where there is but one image: that saves a request. */
export async function fetchManifestSet(registry: Registry, name: ImageName): Promise<ManifestSet | undefined> {
  const found = await registry.manifest(name.repository, name.tag);
  const manifest = found === undefined ? undefined : readManifest(formatImageName(name), found.bytes);
  if (manifest === undefined) return undefined;
  return "manifests" in manifest
    ? fetchImageSet(registry, name)
    : { images: [{ platform: undefined, image: { manifest } }] };
}

/** The image of a platform in a set; the only one where it is the only one. */
export function imageOf({ images }: ImageSet, platform: OciPlatform | undefined): OciImage | undefined {
  const [first, ...others] = images;
  if (first !== undefined && first.platform === undefined && others.length === 0) return first.image;
  return images.find((candidate) => platformName(candidate.platform) === platformName(platform))?.image;
}

/** Stores images whose layers are there already; the digest of what the tag then names. Throws `ClientError`. */
export async function pushImageSet(
  registry: Registry,
  name: ImageName,
  images: readonly PlatformImage<StoredImage>[],
): Promise<string> {
  const at = name.repository;
  await Promise.all(images.map(({ image }) => registry.putBlob(at, image.configBytes)));
  const [only] = images;
  if (only !== undefined && only.platform === undefined) {
    return registry.putManifest(at, name.tag, only.image.manifestBytes, only.image.mediaType);
  }
  const manifests = await Promise.all(
    images.map(async ({ platform, image }) => {
      const { manifestBytes, mediaType } = image;
      const digest = await registry.putUntagged(at, manifestBytes, mediaType);
      return { mediaType, digest, size: manifestBytes.length, ...(platform === undefined ? {} : { platform }) };
    }),
  );
  return registry.putManifest(at, name.tag, formatIndex(manifests), INDEX_TYPE);
}
