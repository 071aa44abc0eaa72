/** A failed build as data: what a person has to be shown, and what a program may go on with. */

import type { RpcCodeName, RpcError } from "../rpc/rpc-error.ts";
import { type ErrorSource, errorDetails } from "./error-details.ts";

export interface BuildFailure {
  /** The daemon's own words. */
  readonly message: string;
  readonly code: RpcCodeName;
  /** The failed vertex; its name and its output came with the progress. */
  readonly vertex: string | undefined;
  /** Exit code of the failed process, where the build failed by one. */
  readonly exitCode: number | undefined;
  /** Files and lines that it is about, innermost first; empty for builds from a bare definition. */
  readonly sources: readonly ErrorSource[];
  /** Results to look into, for daemons and solves that keep them: ids for mounts of `Gateway.newContainer`. */
  readonly inputIds: readonly string[];
  readonly mountIds: readonly string[];
  readonly error: RpcError;
  /** What the build function in this process threw, if that is why the build failed. */
  readonly thrown?: unknown;
}

/** Reads the daemon's error. */
export function buildFailure(error: RpcError): BuildFailure {
  const details = errorDetails(error.details);
  const solve = details.find((detail) => detail.kind === "solve");
  return {
    message: error.message,
    code: error.code,
    vertex: details.find((detail) => detail.kind === "vertex")?.digest,
    exitCode: details.find((detail) => detail.kind === "exit")?.code,
    sources: details.flatMap((detail) => (detail.kind === "source" ? [detail.source] : [])),
    inputIds: solve?.inputIds ?? [],
    mountIds: solve?.mountIds ?? [],
    error,
  };
}
