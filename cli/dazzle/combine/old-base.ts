/** The base that a combination's chunks were built on, for putting them on another one. */
import { BuildError, parseImageReference } from "../../../llb/index.ts";
import {
  BASE_REF_ANNOTATION,
  type Combination,
  type OciImage,
  rebaseEnv,
  type TargetRepository,
} from "../../../mzbuild/index.ts";
import { fetchImageSet, type ImageSet, imageOf } from "../image-set.ts";
import type { Registry } from "../registry.ts";

/** Of a combination that was rebased: what its chunks were built on. Its base is in the original's own annotation. */
const CHUNKS_BASE_ANNOTATION = "mzbuild.dazzle.chunks-base-ref";

export interface OldBase {
  /** With its digest, as chunks are named by it. */
  readonly reference: string;
  readonly images: ImageSet;
}

/** `from` is what the command line says. Throws `BuildError` "no-old-base". */
export async function findOldBase(
  registry: Registry,
  target: TargetRepository,
  combinations: readonly Combination[],
  from: string | undefined,
): Promise<OldBase> {
  const reference = from ?? (await ofCombinations(registry, target, combinations));
  if (reference === undefined) {
    throw new BuildError(
      "no-old-base",
      `${target.name} has none of the combinations, so nothing says what their chunks were built on`,
      {
        hint: "name that base: --from HOST/PATH:base--HASH, with its digest or without",
      },
    );
  }
  return fetchOldBase(registry, reference);
}

async function ofCombinations(
  registry: Registry,
  { name: repository }: TargetRepository,
  combinations: readonly Combination[],
): Promise<string | undefined> {
  for (const { name: tag } of combinations) {
    const annotations = (await fetchImageSet(registry, { repository, tag }))?.images[0]?.image.manifest.annotations;
    const reference = annotations?.[CHUNKS_BASE_ANNOTATION] ?? annotations?.[BASE_REF_ANNOTATION];
    if (reference !== undefined) return reference;
  }
  return undefined;
}

async function fetchOldBase(registry: Registry, text: string): Promise<OldBase> {
  const parsed = parseImageReference(text);
  if (parsed.kind === "invalid") throw new BuildError("no-old-base", `${text}: ${parsed.message}`);
  const { domain, path, tag, digest } = parsed.reference;
  const images = await fetchImageSet(registry, { repository: `${domain}/${path}`, tag: digest ?? tag ?? "latest" });
  if (images === undefined) throw new BuildError("no-old-base", `${text}: not found`);
  return { reference: digest === undefined ? `${text}@${images.digest}` : text, images };
}

/** A chunk's image as if it had been built on the other base: with that one's variables where it has no own. */
export function rebasedChunk(
  old: OldBase,
  newBaseRef: string,
): (chunk: OciImage, base: OciImage, platform: string) => OciImage {
  return (chunk, base) => {
    const { os, architecture, variant } = base.config;
    const below = imageOf(old.images, { os, architecture, ...(variant === undefined ? {} : { variant }) });
    const oldEnv = below?.config.config.Env ?? [];
    const Env = rebaseEnv(chunk.config.config.Env ?? [], oldEnv, base.config.config.Env ?? []);
    const annotations = {
      ...chunk.manifest.annotations,
      [BASE_REF_ANNOTATION]: newBaseRef,
      [CHUNKS_BASE_ANNOTATION]: old.reference,
    };
    return {
      manifest: { ...chunk.manifest, annotations },
      config: { ...chunk.config, config: { ...chunk.config.config, Env } },
    };
  };
}
