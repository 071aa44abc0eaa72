/**
 * What a frontend may ask of the daemon: `moby.buildkit.v1.frontend.LLBBridge` of moby/buildkit v0.33.0. The same object serves a
 * build function in our own process (over the control connection) and a frontend in a container (over its stdin and stdout).
 */

import { type caps, type fsutil, gateway, type Init, type pb, type worker } from "../../proto/index.ts";
import { randomId } from "../random-id.ts";
import type { RpcClient } from "../rpc/client.ts";
import type { CallOptions, Method, OutgoingMetadata } from "../rpc/method.ts";
import { RpcCode, RpcError } from "../rpc/rpc-error.ts";
import { type Container, openContainer } from "./container.ts";

const { LLBBridge } = gateway;

/** What the daemon can do, by the names that `frontend/gateway/pb/caps.go` and `solver/pb/caps.go` define. */
export interface GatewayCapabilities {
  readonly frontend: ReadonlySet<string>;
  readonly llb: ReadonlySet<string>;
  /** The first is the one that builds unless told otherwise. */
  readonly workers: readonly worker.WorkerRecord[];
}

/** Where a filesystem question looks: a result of `solve`, by its id. */
export interface FileQuery {
  readonly ref: string;
  readonly path: string;
}

/**
 * Every method is one call, and throws {@link RpcError} when it fails. Requests and results are the contract's own messages, of which a
 * field may be left out wherever its default will do.
 */
export interface Gateway {
  ping(options?: CallOptions): Promise<GatewayCapabilities>;
  /** Resolves a source as the daemon sees it: image digest and config, git commit, http checksum. */
  resolveSourceMeta(
    request: Init<gateway.ResolveSourceMetaRequest>,
    options?: CallOptions,
  ): Promise<gateway.ResolveSourceMetaResponse>;
  /** The older way to an image's config, for daemons without `source.metaresolver`. */
  resolveImageConfig(
    request: Init<gateway.ResolveImageConfigRequest>,
    options?: CallOptions,
  ): Promise<gateway.ResolveImageConfigResponse>;
  /**
   * Gives the result of a definition or of another frontend. Nothing is built before somebody looks into the result, unless
   * `Evaluate` is set.
   */
  solve(request: Init<gateway.SolveRequest>, options?: CallOptions): Promise<gateway.Result>;
  /** Reads a file of a result, or `lengthBytes` of it from `offsetBytes` on. */
  readFile(
    file: FileQuery & { readonly offsetBytes?: number; readonly lengthBytes?: number },
    options?: CallOptions,
  ): Promise<Uint8Array>;
  /** The entries of a directory whose names match `pattern`; default: all. */
  readDir(directory: FileQuery & { readonly pattern?: string }, options?: CallOptions): Promise<readonly fsutil.Stat[]>;
  /** Throws `RpcError` for a path that isn't there; its code depends on the daemon's version. */
  statFile(file: FileQuery, options?: CallOptions): Promise<fsutil.Stat>;
  /** Builds a result that has not been looked into. */
  evaluate(ref: string, options?: CallOptions): Promise<void>;
  /** Definitions that the caller of the frontend gave it, by name. */
  inputs(options?: CallOptions): Promise<Readonly<Record<string, pb.Definition>>>;
  /** Shows a warning beside the progress of the vertex it names. */
  warn(warning: Init<gateway.WarnRequest>, options?: CallOptions): Promise<void>;
  /** Makes a container, in which processes can be run; it has to be released. */
  newContainer(
    request: Omit<Init<gateway.NewContainerRequest>, "ContainerID">,
    options?: CallOptions,
  ): Promise<Container>;
  /** Ends the frontend's work with its result. Must be the last call, as `fail` must. */
  return(result: Init<gateway.Result>, options?: CallOptions): Promise<void>;
  /** Ends the frontend's work with an error, which the person who builds will see. */
  fail(error: RpcError, options?: CallOptions): Promise<void>;
}

/** The gateway of the solve `ref`, which was started with neither definition nor frontend, over the control connection. */
export function controlGateway(client: RpcClient, ref: string): Gateway {
  return makeGateway(client, { "buildkit-controlapi-buildid": ref });
}

/** The gateway of a frontend in a container, over the connection to the daemon on its standard streams. */
export function frontendGateway(client: RpcClient): Gateway {
  return makeGateway(client, {});
}

function makeGateway(client: RpcClient, metadata: OutgoingMetadata): Gateway {
  const withMetadata = (options: CallOptions = {}): CallOptions => ({
    ...options,
    metadata: { ...options.metadata, ...metadata },
  });
  const call = <Request, Response>(
    method: Method<"unary", Request, Response>,
    request: Init<NoInfer<Request>>,
    options?: CallOptions,
  ) => client.call<Request, Response>(method, request, withMetadata(options));

  return {
    async ping(options) {
      const pong = await call(LLBBridge.ping, {}, options);
      return { frontend: enabled(pong.FrontendAPICaps), llb: enabled(pong.LLBCaps), workers: pong.Workers };
    },
    resolveSourceMeta: (request, options) => call(LLBBridge.resolveSourceMeta, request, options),
    resolveImageConfig: (request, options) => call(LLBBridge.resolveImageConfig, request, options),
    async solve(request, options) {
      const response = await call(
        LLBBridge.solve,
        { ...request, allowResultReturn: true, allowResultArrayRef: true },
        options,
      );
      if (response.result === undefined) throw new RpcError("INTERNAL", "the daemon solved without a result");
      return response.result;
    },
    async readFile({ ref, path, offsetBytes = 0, lengthBytes }, options) {
      const range = lengthBytes === undefined ? undefined : { Offset: offsetBytes, Length: lengthBytes };
      return (await call(LLBBridge.readFile, { Ref: ref, FilePath: path, Range: range }, options)).Data;
    },
    async readDir({ ref, path, pattern = "" }, options) {
      return (await call(LLBBridge.readDir, { Ref: ref, DirPath: path, IncludePattern: pattern }, options)).entries;
    },
    async statFile({ ref, path }, options) {
      const { stat } = await call(LLBBridge.statFile, { Ref: ref, Path: path }, options);
      if (stat === undefined) throw new RpcError("NOT_FOUND", `${path} is not there`);
      return stat;
    },
    async evaluate(ref, options) {
      await call(LLBBridge.evaluate, { Ref: ref }, options);
    },
    async inputs(options) {
      return (await call(LLBBridge.inputs, {}, options)).Definitions;
    },
    async warn(warning, options) {
      await call(LLBBridge.warn, warning, options);
    },
    async newContainer(request, options) {
      const id = randomId();
      await call(LLBBridge.newContainer, { ...request, ContainerID: id }, options);
      return openContainer({
        id,
        execProcess: (callOptions) => client.open(LLBBridge.execProcess, withMetadata(callOptions)),
        release: async () => {
          await call(LLBBridge.releaseContainer, { ContainerID: id });
        },
      });
    },
    async return(result, options) {
      await call(LLBBridge.return, { result }, options);
    },
    async fail(error, options) {
      const status = { code: RpcCode[error.code], message: error.message, details: error.details };
      await call(LLBBridge.return, { error: status }, options);
    },
  };
}

function enabled(list: readonly caps.APICap[]): ReadonlySet<string> {
  return new Set(list.filter(({ Enabled }) => Enabled).map(({ ID }) => ID));
}
