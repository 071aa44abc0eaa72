/**
 * What the daemon tells a frontend in its environment.
 * Contract: moby/buildkit v0.33.0: frontend/gateway/gateway.go (`Solve`), frontend/gateway/grpcclient/client.go (`opts`).
 */
import type { Attributes } from "../dockerfile/index.ts";

export interface FrontendEnvironment {
  readonly opts: Attributes;
  readonly sessionId: string;
}

/** Options come as `BUILDKIT_FRONTEND_OPT_<n>=<key>=<value>`; a value may hold further equals signs, and line breaks. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): FrontendEnvironment {
  const opts: Record<string, string> = {};
  for (const [name, option] of Object.entries(env)) {
    if (option === undefined || !name.startsWith("BUILDKIT_FRONTEND_OPT_")) continue;
    const equals = option.indexOf("=");
    if (equals >= 0) opts[option.slice(0, equals)] = option.slice(equals + 1);
  }
  return { opts, sessionId: env["BUILDKIT_SESSION_ID"] ?? "" };
}
