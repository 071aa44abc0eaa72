// Where the build runs: finding a BuildKit engine, and providing one where there is none.

export { type FindEngineOptions, findEngine } from "./discover.ts";
export type { TlsFiles } from "./docker-endpoint.ts";
export { type EmbeddedEngine, type EmbeddedOptions, type EmbeddedStatus, embeddedEngine } from "./embedded/index.ts";
export type { Engine, EngineKind } from "./engine.ts";
export { type Attempt, EngineError, type EngineErrorCode } from "./engine-error.ts";
export type { EngineHost, OnSetup, SetupEvent } from "./host.ts";
