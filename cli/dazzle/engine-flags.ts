/** The options that name an engine, as mzimage has them. */
import type { BuildFlags } from "../option-values.ts";
import type { DazzleBuildFlags } from "./options.ts";

export function engineFlags({ addr, builder, install }: DazzleBuildFlags): BuildFlags {
  return {
    ...(addr === undefined ? {} : { buildkit: addr }),
    ...(builder === undefined ? {} : { builder }),
    ...(install === undefined ? {} : { install }),
  };
}
