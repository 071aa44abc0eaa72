/** Where builds run: finding a BuildKit engine, providing one where there is none, emulating other processors. */

export { type FindEngineOptions, findEngine } from "./discover.ts";
export { currentDockerEndpoint, type DockerEndpoint } from "./docker-endpoint.ts";
export { type EmbeddedEngine, type EmbeddedOptions, type EmbeddedStatus, embeddedEngine } from "./embedded/index.ts";
export { runsProgramsOf } from "./emulation.ts";
export type { Engine, EngineKind } from "./engine.ts";
export { type Attempt, EngineError, type EngineErrorCode } from "./engine-error.ts";
export type { EngineHost, OnSetup, SetupEvent } from "./host.ts";
