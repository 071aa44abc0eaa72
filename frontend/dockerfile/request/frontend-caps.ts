/**
 * What a client demands of a frontend.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/builder/caps.go; messages as there.
 */
import { BuildError } from "../../../llb/index.ts";

const KNOWN = new Set([
  "moby.buildkit.frontend.inputs",
  "moby.buildkit.frontend.subrequests",
  "moby.buildkit.frontend.contexts",
  "moby.buildkit.frontend.gitquerystring",
  "moby.buildkit.frontend.contexts.zstd",
]);

/** `forwarding`: another frontend that the file asks for may have the missing one. */
export interface CapsProblem {
  readonly error: BuildError;
  readonly forwarding: boolean;
}

export function checkFrontendCaps(demanded: string): CapsProblem | undefined {
  let problem: CapsProblem | undefined;
  for (const cap of demanded === "" ? [] : demanded.split(",")) {
    const plus = cap.indexOf("+");
    const name = plus < 0 ? cap : cap.slice(0, plus);
    if (KNOWN.has(name)) continue;
    const error = new BuildError("unsupported-capability", `unsupported frontend capability ${name}`);
    problem = { error, forwarding: cap.includes("+forward") };
    if (!problem.forwarding) return problem;
  }
  return problem;
}
