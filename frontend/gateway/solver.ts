/** What the daemon said that it can do, as the compiler wants to know it. */
import type { GatewayCapabilities } from "../../client/index.ts";
import type { Solver } from "../dockerfile/index.ts";

/** The first worker counts: it is the one that builds. */
export function solverOf({ llb, workers }: GatewayCapabilities): Solver {
  const platforms = (workers[0]?.platforms ?? []).map((platform) => ({
    os: platform.OS,
    architecture: platform.Architecture,
    variant: platform.Variant,
    osVersion: platform.OSVersion,
    osFeatures: platform.OSFeatures,
  }));
  return { platforms, supports: (capability) => llb.has(capability) };
}
