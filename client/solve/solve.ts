/**
 * A build: one `Solve` call with its session and its progress. Source: moby/buildkit v0.33.0: client/solve.go, client/build.go.
 */

import { control, type gateway, type Init, type pb, type sourcepolicy } from "../../proto/index.ts";
import type { ProgressEvent } from "../control/progress.ts";
import { controlGateway, type Gateway } from "../gateway/gateway.ts";
import { randomId } from "../random-id.ts";
import type { RpcClient } from "../rpc/client.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import type { RpcHandler } from "../rpc/server.ts";
import { openSession, type Session } from "../session/session.ts";
import { type BuildFailure, buildFailure } from "./build-failure.ts";
import { followProgress } from "./follow-progress.ts";

/** What is to be built. */
export type SolveWork =
  | { readonly kind: "definition"; readonly definition: Init<pb.Definition> }
  | {
      readonly kind: "frontend";
      /** `dockerfile.v0` or `gateway.v0`. */
      readonly frontend: string;
      readonly attrs?: Readonly<Record<string, string>> | undefined;
      readonly inputs?: Readonly<Record<string, Init<pb.Definition>>> | undefined;
    }
  /** A frontend in this process. Its result is what is exported; whatever it throws fails the build. Its signal is aborted at the end. */
  | {
      readonly kind: "function";
      readonly build: BuildFunction;
      /** What a frontend would have been asked for; the daemon compares the result with its `platform`. */
      readonly attrs?: Readonly<Record<string, string>> | undefined;
    };

export type BuildFunction = (gateway: Gateway, signal: AbortSignal) => Promise<Init<gateway.Result>>;

export interface SolveOptions {
  readonly work: SolveWork;
  /** What the build may ask for, in a session of its own. */
  readonly services?: readonly RpcHandler[] | undefined;
  /** As of `SessionOptions`. */
  readonly sharedKey?: string | undefined;
  /** A session that is open already, and stays so; `services` and `sharedKey` are then its own. */
  readonly session?: Session | undefined;
  readonly exporters?: readonly Init<control.Exporter>[] | undefined;
  readonly cacheImports?: readonly Init<control.CacheOptionsEntry>[] | undefined;
  readonly cacheExports?: readonly Init<control.CacheOptionsEntry>[] | undefined;
  /** Such as `network.host` or `security.insecure`. */
  readonly entitlements?: readonly string[] | undefined;
  readonly sourcePolicy?: Init<sourcepolicy.Policy> | undefined;
  /** Keeps the build out of the daemon's history. */
  readonly internal?: boolean | undefined;
  /** Called with everything that happens, in order, until the solve is over. */
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
  /** Aborting cancels the build on the daemon. */
  readonly signal?: AbortSignal | undefined;
}

/** How a build ended. */
export type SolveResult =
  | {
      readonly kind: "done";
      readonly ref: string;
      /** What the exporters say of their work, such as `containerimage.digest`. */
      readonly exporterResponse: Readonly<Record<string, string>>;
    }
  | { readonly kind: "failed"; readonly ref: string; readonly failure: BuildFailure }
  | { readonly kind: "cancelled"; readonly ref: string };

/**
 * Builds. A build that fails is a result; {@link RpcError} with `connectionLost` is thrown when there is no telling how it ended, and
 * `ConnectError` when there is no connection to begin with.
 */
export async function solve(client: RpcClient, options: SolveOptions): Promise<SolveResult> {
  const ref = randomId();
  const session =
    options.session ?? (await openSession(client, { services: options.services ?? [], sharedKey: options.sharedKey }));
  const progress = followProgress(client, ref, options.onProgress);
  try {
    return await runSolve(client, ref, { ...options, session });
  } finally {
    // The session first: it holds the daemon's end of the build open.
    if (options.session === undefined) await session.close();
    await progress.end();
  }
}

async function runSolve(
  client: RpcClient,
  ref: string,
  options: SolveOptions & { readonly session: Session },
): Promise<SolveResult> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const solving = client.call(control.Control.solve, solveRequest(ref, options), { signal });
  const own: { thrown?: unknown } = {};
  const building =
    options.work.kind === "function"
      ? runBuildFunction(controlGateway(client, ref), options.work.build, signal, own)
      : undefined;
  try {
    const { ExporterResponse } = await Promise.race([solving, rejectionOf(building)]);
    return { kind: "done", ref, exporterResponse: ExporterResponse };
  } catch (error) {
    if (options.signal?.aborted) return { kind: "cancelled", ref };
    if (!(error instanceof RpcError) || error.connectionLost) throw error;
    return { kind: "failed", ref, failure: { ...buildFailure(error), ...own } };
  } finally {
    // A build function that doesn't heed its signal is left behind; it can't ask or change anything any more.
    solving.catch(() => {});
    stop.abort();
  }
}

/** Rejects as `promise` does, and never resolves: a build function that can't hand in its result would leave the solve waiting. */
function rejectionOf(promise: Promise<void> | undefined): Promise<never> {
  return new Promise((_resolve, reject) => promise?.catch(reject));
}

function solveRequest(ref: string, options: SolveOptions & { readonly session: Session }): Init<control.SolveRequest> {
  const { work } = options;
  return {
    Ref: ref,
    Session: options.session.id,
    Definition: work.kind === "definition" ? work.definition : undefined,
    ...(work.kind === "frontend" && {
      Frontend: work.frontend,
      FrontendAttrs: work.attrs,
      FrontendInputs: work.inputs,
    }),
    ...(work.kind === "function" && { FrontendAttrs: work.attrs }),
    Exporters: options.exporters,
    // Daemons before v0.13, and Docker's for as long, know only one exporter.
    ExporterDeprecated: options.exporters?.[0]?.Type,
    ExporterAttrsDeprecated: options.exporters?.[0]?.Attrs,
    Cache: { Imports: options.cacheImports, Exports: options.cacheExports },
    Entitlements: options.entitlements,
    SourcePolicy: options.sourcePolicy,
    Internal: options.internal,
  };
}

/** Runs a build function and hands its outcome to the daemon, where it becomes the outcome of the solve. */
async function runBuildFunction(
  gateway: Gateway,
  build: BuildFunction,
  signal: AbortSignal,
  own: { thrown?: unknown },
): Promise<void> {
  let result: Awaited<ReturnType<BuildFunction>>;
  try {
    result = await build(gateway, signal);
  } catch (error) {
    if (signal.aborted) return;
    own.thrown = error;
    await gateway.fail(RpcError.from(error), { signal });
    return;
  }
  await gateway.return(result, { signal });
}
