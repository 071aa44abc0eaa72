/**
 * The image that Cargo runs in, as a tree in which commands can be run: an image of this repository, built in the same graph
 * where no registry has it, or any other image.
 */
import {
  type CompiledDockerfile,
  type ImageConfig,
  type Known,
  type Lookup,
  lookupKey,
  parseImageConfig,
} from "../frontend/dockerfile/index.ts";
import { BuildError, image, type Output, type Platform, type SourceRange, State } from "../llb/index.ts";

export type BuilderRound =
  | { readonly kind: "needs"; readonly lookups: readonly Lookup[] }
  | {
      readonly kind: "done";
      readonly state: State;
      /** Names its content: the digest of the image. */
      readonly key: string;
    };

/** A builder out of a registry. Throws `BuildError` "builder-not-found" where it can't be had. */
export function builderFromReference(
  {
    reference,
    platform,
    at,
  }: { readonly reference: string; readonly platform: Platform; readonly at: SourceRange | undefined },
  known: Known,
): BuilderRound {
  const lookup: Lookup = {
    kind: "image",
    reference,
    platform,
    resolveMode: "default",
    layout: undefined,
    logName: `[cargo] load metadata for ${reference}`,
  };
  const answer = known.get(lookupKey(lookup));
  if (answer === undefined) return { kind: "needs", lookups: [lookup] };
  if (answer.kind !== "image") {
    const reason = answer.kind === "failed" ? answer.message : "it is no image of a registry";
    throw new BuildError("builder-not-found", `the builder ${reference} can't be had: ${reason}`, {
      at: at === undefined ? [] : [at],
      hint: "`builder:` in mzbuild-settings.yml names the image that Cargo runs in",
      ...(answer.kind === "failed" ? { cause: answer.cause } : {}),
    });
  }
  const name = answer.digest === "" ? answer.reference : `${answer.reference.replace(/@.*$/, "")}@${answer.digest}`;
  const { output } = image(name, { platform, name: `[cargo] FROM ${reference}` });
  return {
    kind: "done",
    state: runnable(output, parseImageConfig(answer.config), platform),
    key: answer.digest || reference,
  };
}

/** A builder that is built in this graph. */
export function builderFromImage({ output, config }: CompiledDockerfile, platform: Platform): State {
  return runnable(output, config, platform);
}

/** A tree with what the image's config says about processes in it. */
function runnable(output: Output | undefined, { config }: ImageConfig, platform: Platform): State {
  const plain = new State(output, { platform });
  const withEnv = config.env.reduce((state, variable) => {
    const equals = variable.indexOf("=");
    return equals < 0 ? state.env(variable, "") : state.env(variable.slice(0, equals), variable.slice(equals + 1));
  }, plain);
  return withEnv.dir(config.workingDir || "/").user(config.user);
}
