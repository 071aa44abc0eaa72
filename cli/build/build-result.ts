/** What a build hands in: the results of its images, for the daemon to export. */
import { type CompiledDockerfile, platformKey, resultMetadata } from "../../frontend/dockerfile/index.ts";
import { platformOf, type Variant } from "../../mzbuild/index.ts";
import type { gateway } from "../../proto/index.ts";
/** An image that the daemon has. */
export interface ImageResult {
  readonly name: string;
  readonly variant: Variant;
  /** The result in the daemon; undefined for an empty image. */
  readonly ref: string | undefined;
  readonly compiled: Pick<CompiledDockerfile, "output" | "config" | "baseConfig" | "epoch">;
}

export interface ResultOptions {
  /** Whether the build is one for several platforms. */
  readonly multiPlatform: boolean;
  readonly exportsCaches: boolean;
}

/** What the exporters get: nothing where several images were built, which no exporter can take at once. */
export function resultOf(
  images: readonly ImageResult[],
  { multiPlatform, exportsCaches }: ResultOptions,
): Partial<gateway.Result> {
  if (new Set(images.map(({ name }) => name)).size !== 1) return exportsCaches ? allOf(images) : {};
  const builds = images.map(({ compiled, variant }) => ({ compiled, platform: platformOf(variant.architecture) }));
  const texts = [...resultMetadata(builds, multiPlatform)];
  const metadata = Object.fromEntries(texts.map(([key, value]) => [key, new TextEncoder().encode(value)]));
  const refs = images.map(
    ({ ref, variant }) => [platformKey(platformOf(variant.architecture)), { id: ref ?? "", def: undefined }] as const,
  );
  const [only] = refs;
  if (!multiPlatform && only !== undefined) return { ref: only[1], metadata };
  return { refs: { refs: Object.fromEntries(refs) }, metadata };
}

/** For the export of caches, which takes the steps of all results. The daemon wants a platform for each, under names of their own. */
function allOf(images: readonly ImageResult[]): Partial<gateway.Result> {
  const refs = images.map(({ ref }, index) => [String(index), { id: ref ?? "", def: undefined }] as const);
  const Platforms = images.map(({ variant }, index) => {
    const { os, architecture } = platformOf(variant.architecture);
    return { ID: String(index), Platform: { os, architecture } };
  });
  const metadata = { "refs.platforms": new TextEncoder().encode(JSON.stringify({ Platforms })) };
  return { refs: { refs: Object.fromEntries(refs) }, metadata };
}
