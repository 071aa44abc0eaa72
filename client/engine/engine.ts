// What discovery hands out: an engine that has answered, and why it was taken.
import type { TlsFiles } from "./docker-endpoint.ts";

export type EngineKind = "given" | "buildx" | "docker" | "socket" | "embedded";

export interface Engine {
  readonly kind: EngineKind;
  /** As `connectAddress` of client/transport takes it. */
  readonly address: string;
  readonly tls?: TlsFiles;
  /** BuildKit's version as the engine itself says it; may be empty. */
  readonly version: string;
  /** One line: which engine, and why this one. */
  readonly description: string;
}
