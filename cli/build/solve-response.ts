/** The end of a solve that exports. */
import type { SolveResult } from "../../client/index.ts";
import { BuildFailed } from "../build-failed.ts";
import type { BuildServices } from "./services.ts";
import { unknownType } from "./unknown-type.ts";

/**
 * What the exporters say of their work. Throws `BuildFailed`, `UsageError` for exporters and caches that the daemon doesn't know, or the
 * error of our own side by which an export failed: the daemon knows no more of it than its message.
 */
export function solveResponse(
  result: SolveResult,
  { exportErrors }: Pick<BuildServices, "exportErrors">,
  signal: AbortSignal,
): Readonly<Record<string, string>> {
  switch (result.kind) {
    case "done":
      return result.exporterResponse;
    case "cancelled":
      throw signal.reason;
    case "failed":
      throw exportErrors[0] ?? unknownType(result.failure.message) ?? new BuildFailed(result.failure);
  }
}
