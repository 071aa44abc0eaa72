/** What combinations are made of: the chunks' own layers, and the full images that have them below a base. */

import { BuildError } from "../../../llb/index.ts";
import {
  type Chunk,
  type Combination,
  chunkImageName,
  chunkNamed,
  formatImageName,
  type NamingContext,
  type OciDescriptor,
  type Project,
  readManifest,
} from "../../../mzbuild/index.ts";
import { fetchImageSet, type ImageSet } from "../image-set.ts";
import type { Registry } from "../registry.ts";

export interface ChunkSource {
  readonly chunk: Chunk;
  readonly chunked: ImageSet;
  /** The full image with its digest; undefined where the registry has none, or one of other layers. */
  readonly full: string | undefined;
}

/**
 * The chunks of all combinations by name, each asked for once. Full images are looked for where `withFull` says so. Throws
 * `BuildError` "unknown-chunk", and "no-chunk" for one that was not built.
 */
export async function chunkSources(
  registry: Registry,
  project: Project,
  combinations: readonly Combination[],
  naming: NamingContext,
  { withFull }: { readonly withFull: boolean },
): Promise<ReadonlyMap<string, ChunkSource>> {
  const names = [...new Set(combinations.flatMap(({ chunks }) => chunks))];
  const chunks = names.map((name) => chunkNamed(project, name));
  const sources = await Promise.all(
    chunks.map(async (chunk): Promise<ChunkSource> => {
      const name = chunkImageName(chunk, "chunked", naming);
      const [chunked, full] = await Promise.all([
        fetchImageSet(registry, name),
        withFull ? fullImage(registry, chunk, naming) : undefined,
      ]);
      if (chunked === undefined) {
        throw new BuildError("no-chunk", `${formatImageName(name)}: not found`, {
          hint: `the chunk ${chunk.name} was not built as it is now: mzdazzle build ${naming.target.name} builds it`,
        });
      }
      return {
        chunk,
        chunked,
        full: full !== undefined && endsWith(full.layers, chunked) ? full.reference : undefined,
      };
    }),
  );
  return new Map(sources.map((source) => [source.chunk.name, source]));
}

interface FullImage {
  readonly reference: string;
  /** Undefined for an index. */
  readonly layers: readonly OciDescriptor[] | undefined;
}

async function fullImage(registry: Registry, chunk: Chunk, naming: NamingContext): Promise<FullImage | undefined> {
  const name = chunkImageName(chunk, "full", naming);
  const found = await registry.manifest(name.repository, name.tag);
  if (found === undefined) return undefined;
  const manifest = readManifest(formatImageName(name), found.bytes);
  return {
    reference: `${formatImageName(name)}@${found.digest}`,
    layers: "manifests" in manifest ? undefined : manifest.layers,
  };
}

/** Whether the chunk's layers are the last ones of its full image. Those of an index are taken for that. */
function endsWith(layers: readonly OciDescriptor[] | undefined, chunked: ImageSet): boolean {
  const own = chunked.images[0]?.image.manifest.layers ?? [];
  if (layers === undefined) return chunked.images.length > 1 || chunked.images[0]?.platform !== undefined;
  return own.every(({ digest }, index) => layers[layers.length - own.length + index]?.digest === digest);
}
