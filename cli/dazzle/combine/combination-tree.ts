/**
 * The tree of a combination: the base, merged with what each chunk's image has more than the base that it was built on. Nothing is
 * unpacked twice, and nothing has to be in a registry under a name for its tests to run.
 */
import { diff, image, merge, type Output, type Platform } from "../../../llb/index.ts";
import type { Chunk, OciImage } from "../../../mzbuild/index.ts";

export interface TreeSource {
  readonly chunk: Chunk;
  /** Its full image with its digest. */
  readonly full: string;
  readonly chunked: OciImage;
}

export interface TreeRequest {
  readonly name: string;
  /** With its digest: what the combination is on. */
  readonly base: string;
  /** What the chunks were built on: the same, unless they are rebased. */
  readonly builtOn: string;
  readonly platform: Platform;
  readonly sources: readonly TreeSource[];
}

/** What a chunk adds to the base that it was built on. */
export function chunkTree({ chunk, full }: TreeSource, builtOn: string, platform: Platform): Output | undefined {
  const lower = image(builtOn, { platform, name: `[${chunk.name}] base ${builtOn}` });
  const upper = image(full, { platform, name: `[${chunk.name}] FROM ${full}` });
  return diff(lower, upper, { name: `[${chunk.name}] own layers` }).output;
}

export function combinationTree({ name, base, builtOn, platform, sources }: TreeRequest): Output | undefined {
  const lowest = image(base, { platform, name: `[${name}] FROM ${base}` });
  // An image that only sets configuration has nothing to merge.
  const layered = sources.filter(({ chunked }) => chunked.manifest.layers.length > 0);
  const parts = layered.map((source) => {
    const lower = image(builtOn, { platform, name: `[${source.chunk.name}] base ${builtOn}` });
    const upper = image(source.full, { platform, name: `[${source.chunk.name}] FROM ${source.full}` });
    return diff(lower, upper, { name: `[${source.chunk.name}] own layers` });
  });
  return merge([lowest, ...parts], { name: `[${name}] merge` }).output;
}
