/**
 * A BuildKit client that needs neither docker nor buildctl: connections, calls, sessions, solves, and the gateway for frontends.
 * The contracts are those of moby/buildkit v0.33.0. Errors: `ConnectError` where no connection comes about, `RpcError` where a call
 * fails, `ClientError` where something on our own side is wrong; a failed build is a result.
 */

export { ClientError, type ClientErrorCode } from "./client-error.ts";
export {
  diskUsage,
  info,
  listenBuildHistory,
  listWorkers,
  prune,
  updateBuildHistory,
} from "./control/control.ts";
export {
  type ProgressEvent,
  type ProgressLog,
  type ProgressStatus,
  type ProgressVertex,
  type ProgressWarning,
  progressEvents,
} from "./control/progress.ts";
export type { Container, Process, ProcessOptions } from "./gateway/container.ts";
export { controlGateway, frontendGateway, type Gateway, type GatewayCapabilities } from "./gateway/gateway.ts";
export { type ClientCall, RpcClient, type RpcClientOptions } from "./rpc/client.ts";
export type { CallOptions, Metadata, OutgoingMetadata } from "./rpc/method.ts";
export { RpcCode, type RpcCodeName, RpcError, type RpcErrorDetail } from "./rpc/rpc-error.ts";
export {
  type CallContext,
  duplexCall,
  type RpcHandler,
  type RpcServer,
  type ServerCall,
  serveRpc,
  streaming,
  unary,
} from "./rpc/server.ts";
export { openSession, type Session, type SessionOptions } from "./session/session.ts";
export { type BuildFailure, buildFailure } from "./solve/build-failure.ts";
export {
  type ErrorDetail,
  type ErrorSource,
  errorDetails,
  type SourceSpan,
  sourceDetail,
  subrequestDetail,
} from "./solve/error-details.ts";
export { type BuildFunction, type SolveOptions, type SolveResult, type SolveWork, solve } from "./solve/solve.ts";
export {
  ConnectError,
  type ConnectErrorCode,
  type ConnectOptions,
  connectAddress,
  type TlsFiles,
} from "./transport/index.ts";
