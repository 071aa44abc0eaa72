/** What a registry has of a chunk. */

import { digestOfBytes } from "../../../llb/index.ts";
import { type Chunk, chunkImageName, type ImageName, type NamingContext, PASSED } from "../../../mzbuild/index.ts";
import {
  fetchImageSet,
  fetchManifestSet,
  type ImageSet,
  type ManifestSet,
  ownPlatform,
  platformName,
} from "../image-set.ts";
import type { Registry } from "../registry.ts";

export interface ChunkNames {
  readonly full: ImageName;
  readonly chunked: ImageName;
  readonly testResult: ImageName;
}

export interface ChunkState {
  readonly chunk: Chunk;
  readonly names: ChunkNames;
  /** Whether its tests have passed, or there are none. */
  readonly passed: boolean;
  /** Whether it is there for all platforms. */
  readonly hasFull: boolean;
  readonly chunked: ManifestSet | undefined;
}

/** Throws `BuildError` for names that can't be. */
export function chunkNames(chunk: Chunk, naming: NamingContext, withoutHash: boolean): ChunkNames {
  return {
    full: chunkImageName(chunk, "full", naming),
    chunked: chunkImageName(chunk, withoutHash ? "chunked-wohash" : "chunked", naming),
    testResult: chunkImageName(chunk, "test-result", naming),
  };
}

/** Asks for everything at once. Throws `ClientError` where the registry can't be asked. */
export async function chunkState(
  registry: Registry,
  chunk: Chunk,
  names: ChunkNames,
  platforms: readonly string[],
): Promise<ChunkState> {
  const [passed, hasFull, chunked] = await Promise.all([
    chunk.tests.length === 0 ? true : hasPassed(registry, names.testResult),
    hasImage(registry, names.full, platforms),
    platforms.length === 0 ? fetchManifestSet(registry, names.chunked) : covering(registry, names.chunked, platforms),
  ]);
  return { chunk, names, passed, hasFull, chunked };
}

async function covering(
  registry: Registry,
  name: ImageName,
  platforms: readonly string[],
): Promise<ImageSet | undefined> {
  const set = await fetchImageSet(registry, name);
  return set !== undefined && covers(set, platforms) ? set : undefined;
}

async function hasImage(registry: Registry, name: ImageName, platforms: readonly string[]): Promise<boolean> {
  if (platforms.length === 0) return (await registry.resolve(name.repository, name.tag)) !== undefined;
  return (await covering(registry, name, platforms)) !== undefined;
}

/** Whether there is an image for each platform that was asked for; none are asked for where any will do. */
export function covers({ images }: ImageSet, platforms: readonly string[]): boolean {
  return platforms.every((wanted) =>
    images.some(
      (image) =>
        platformName(ownPlatform(image)) === wanted && (image.platform !== undefined || platforms.length === 1),
    ),
  );
}

async function hasPassed(registry: Registry, name: ImageName): Promise<boolean> {
  const at = name.repository;
  const digest = await registry.resolve(at, name.tag);
  if (digest === undefined) return false;
  if (digest === PASSED_DIGEST) return true;
  const found = await registry.manifest(at, name.tag);
  return found !== undefined && new TextDecoder().decode(found.bytes).includes(digestOfBytes(PASSED.configBytes));
}

const PASSED_DIGEST = digestOfBytes(PASSED.manifestBytes);

/** Says that the tests of a chunk have passed. */
export async function storePassed(registry: Registry, name: ImageName): Promise<void> {
  const at = name.repository;
  await registry.putBlob(at, PASSED.configBytes);
  await registry.putManifest(at, name.tag, PASSED.manifestBytes, PASSED.mediaType);
}
