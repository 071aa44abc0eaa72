/**
 * The engine that the tool provides itself: one buildkitd a user and version, started on demand, shared by all runs,
 * kept until it is stopped. Linux only.
 */
export { type EmbeddedEngine, type EmbeddedOptions, type EmbeddedStatus, embeddedEngine } from "./embedded-engine.ts";
