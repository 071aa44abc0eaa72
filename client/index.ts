/**
 * A BuildKit client that needs neither docker nor buildctl: connections, calls, sessions, solves, and the gateway for frontends.
 * The contracts are those of moby/buildkit v0.33.0. Errors: `ConnectError` where no connection comes about, `RpcError` where a call
 * fails, `ClientError` where something on our own side is wrong; a failed build is a result.
 */

export { type AuthOptions, authService } from "./auth/auth-service.ts";
export { type BaseImage, type DebianBaseRequest, debianSuiteOf, provideDebianBase } from "./base-image/index.ts";
export { ClientError, type ClientErrorCode } from "./client-error.ts";
export {
  type ContentOptions,
  type ContentStore,
  contentService,
  EXPORT_STORE_ID,
  layoutStoreId,
  localCacheStoreId,
} from "./content/content-service.ts";
export { type Descriptor, findTagged, readLayoutIndex, tagInLayout } from "./content/oci-layout.ts";
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
export { type CredentialHelper, credentialHelper } from "./docker-config/credential-helper.ts";
export {
  type DockerConfig,
  type DockerConfigSource,
  loadDockerConfig,
  type RegistryLogin,
} from "./docker-config/docker-config.ts";
export { registryLogin } from "./docker-config/registry-login.ts";
export {
  type DockerHub,
  dockerHub,
  HUB_DESCRIPTION_CHARACTERS,
  HUB_TEXT_BYTES,
  type HubTexts,
} from "./docker-hub.ts";
export {
  type Attempt,
  currentDockerEndpoint,
  type DockerEndpoint,
  type EmbeddedEngine,
  type EmbeddedStatus,
  type Engine,
  EngineError,
  type EngineErrorCode,
  type EngineHost,
  type EngineKind,
  embeddedEngine,
  type FindEngineOptions,
  findEngine,
  type OnSetup,
  runsProgramsOf,
  type SetupEvent,
} from "./engine/index.ts";
export { parseAttests } from "./exporters/attest-option.ts";
export {
  type BuildContextOption,
  parseBuildContext,
  type ResolvedContexts,
  resolveBuildContexts,
} from "./exporters/build-context-option.ts";
export { type CacheOption, parseCacheOption, withEnvironment } from "./exporters/cache-option.ts";
export { type CachePlan, type CachePlanOptions, planCaches } from "./exporters/cache-plan.ts";
export { type DockerOutputs, type DockerStore, dockerStore, outputsForDocker } from "./exporters/docker-outputs.ts";
export { type ExportPlan, type ExportPlanOptions, planExports } from "./exporters/export-plan.ts";
export { type OutputOption, parseOutput } from "./exporters/output-option.ts";
export { parseSecret, resolveSecrets, type SecretContext, type SecretOption } from "./exporters/secret-option.ts";
export { parseSsh, type SshContext } from "./exporters/ssh-option.ts";
export { directoryTree } from "./filesync/directory-tree.ts";
export { type DockerLoadOptions, dockerLoad } from "./filesync/docker-load.ts";
export { type ExportSink, fileSink, streamSink } from "./filesync/export-sink.ts";
export { type ExportTarget, type FileSendOptions, fileSendService } from "./filesync/file-send-service.ts";
export { type FileSyncOptions, fileSyncService } from "./filesync/file-sync-service.ts";
export { filesAndDirectoriesUnder, filesUnder, type ListedEntry, listedTree } from "./filesync/listed-tree.ts";
export type { SyncChild, SyncContent, SyncEntry, SyncTree } from "./filesync/sync-tree.ts";
export type { Container, Process, ProcessOptions } from "./gateway/container.ts";
export { controlGateway, frontendGateway, type Gateway, type GatewayCapabilities } from "./gateway/gateway.ts";
export {
  copyBlob,
  copyImage,
  getBlob,
  getManifest,
  hasBlob,
  headManifest,
  imageIndex,
  type Manifest,
  type ManifestContent,
  type ManifestDescriptor,
  manifestOf,
  nameOf,
  OCI_MANIFEST,
  type PlatformImage,
  putBlob,
  putManifest,
  type RegistryClient,
  type RegistryClientOptions,
  RegistryError,
  registryClient,
  sha256,
} from "./registry/index.ts";
export { type RetryOptions, retried } from "./retry.ts";
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
export { MAX_SECRET_BYTES, type SecretSource } from "./secrets/secret-source.ts";
export { secretsService } from "./secrets/secrets-service.ts";
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
export { scanHostKey } from "./ssh/host-key.ts";
export { type SshForward, type SshService, sshService } from "./ssh/ssh-service.ts";
export {
  ConnectError,
  type ConnectErrorCode,
  type ConnectOptions,
  connectAddress,
  connectStdio,
  type TlsFiles,
} from "./transport/index.ts";
export { type Uploads, uploads } from "./upload/upload-service.ts";
