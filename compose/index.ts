/** Compositions: services, what they are made of, and the workflows that use them. docs/mzcompose.md. */
export { Composition } from "./composition.ts";
export { type DatabaseOptions, Minio, type MinioOptions, MySql, Postgres, Redis } from "./library/databases.ts";
export { Grafana, Jaeger, Prometheus } from "./library/monitoring.ts";
export type { ReadyOptions } from "./library/ready-service.ts";
export { Kafka, type KafkaOptions, Redpanda, SchemaRegistry, Zookeeper } from "./library/streaming.ts";
export type { CompositionData, Json, JsonObject, ServiceConfig, Workflow } from "./model.ts";
export { neededServices } from "./needed-services.ts";
export {
  type CommandOptions,
  type CommandResult,
  type CompositionOperations,
  type DownRequest,
  type ExecRequest,
  type KillRequest,
  OPERATIONS,
  type OperationName,
  type OperationResult,
  type OverrideRequest,
  type RunRequest,
  type ServicesRequest,
  type TestEnd,
  type UpRequest,
  WorkflowError,
} from "./operations.ts";
export { firstPort, PortError, type PortRules } from "./ports.ts";
export { type RenderOptions, renderComposition } from "./render.ts";
export { type RenderRules, renderService } from "./render-service.ts";
export { type Answer, type AnswerError, answerCall } from "./rpc.ts";
export { Service } from "./service.ts";
export type {
  CompositionForm,
  CompositionPlace,
  LoadComposition,
  LoadedComposition,
  LoadOptions,
} from "./source.ts";
