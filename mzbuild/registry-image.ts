/** An image that a registry has, as a tree of the graph with its config. */
import {
  type ImageConfig,
  type ImageLookup,
  type Known,
  type Lookup,
  lookupKey,
  parseImageConfig,
} from "../frontend/dockerfile/index.ts";
import { BuildError, fullImageName, image, type Output, type Platform, type SourceRange } from "../llb/index.ts";

export interface RegistryImage {
  readonly kind: "done";
  readonly output: Output | undefined;
  readonly config: ImageConfig;
  /** Names its content: the digest, or the reference where that is not known. */
  readonly key: string;
}

export type RegistryImageRound = { readonly kind: "needs"; readonly lookups: readonly Lookup[] } | RegistryImage;

export interface RegistryImageQuestion {
  readonly reference: string;
  readonly platform: Platform;
  /** What the image is for: put in front of what progress shows. */
  readonly label: string;
  /** Where the reference is written, if it is. */
  readonly at?: SourceRange | undefined;
}

/** What has to be asked for such an image. */
export function registryImageLookup({ reference, platform, label }: RegistryImageQuestion): ImageLookup {
  return {
    kind: "image",
    reference: fullImageName(reference),
    platform,
    resolveMode: "default",
    layout: undefined,
    logName: `[${label}] load metadata for ${reference}`,
  };
}

/** Throws `BuildError` "image-not-found" where the image can't be had. */
export function registryImage(question: RegistryImageQuestion, known: Known): RegistryImageRound {
  const { reference, platform, label, at } = question;
  const lookup = registryImageLookup(question);
  const answer = known.get(lookupKey(lookup));
  if (answer === undefined) return { kind: "needs", lookups: [lookup] };
  if (answer.kind !== "image") {
    const reason = answer.kind === "failed" ? answer.message : "it is no image of a registry";
    throw new BuildError("image-not-found", `${reference} can't be had: ${reason}`, {
      at: at === undefined ? [] : [at],
      ...(answer.kind === "failed" ? { cause: answer.cause } : {}),
    });
  }
  const name = answer.digest === "" ? answer.reference : `${answer.reference.replace(/@.*$/, "")}@${answer.digest}`;
  const { output } = image(name, { platform, name: `[${label}] FROM ${reference}` });
  return { kind: "done", output, config: parseImageConfig(answer.config), key: answer.digest || reference };
}
