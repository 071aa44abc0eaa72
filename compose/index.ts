/** Compositions: services, what they are made of, and the workflows that use them. docs/mzcompose.md. */
export type { CompositionData, Json, JsonObject, Service, ServiceConfig, Workflow } from "./model.ts";
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
export { type Answer, type AnswerError, answerCall } from "./rpc.ts";
export type {
  CompositionForm,
  CompositionPlace,
  LoadComposition,
  LoadedComposition,
  LoadOptions,
} from "./source.ts";
