/** The image that Cargo runs in, as a tree in which commands can be run. */
import type { ImageConfig } from "../frontend/dockerfile/index.ts";
import { type Output, type Platform, State } from "../llb/index.ts";

/** The tree with what the image's config says about processes in it. */
export function builderState(
  { output, config: { config } }: { readonly output: Output | undefined; readonly config: ImageConfig },
  platform: Platform,
): State {
  const plain = new State(output, { platform });
  const withEnv = config.env.reduce((state, variable) => {
    const equals = variable.indexOf("=");
    return equals < 0 ? state.env(variable, "") : state.env(variable.slice(0, equals), variable.slice(equals + 1));
  }, plain);
  return withEnv.dir(config.workingDir || "/").user(config.user);
}
