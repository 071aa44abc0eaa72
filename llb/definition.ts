/**
 * A graph as it goes to the daemon: its ops as bytes in dependency order, with what accompanies them.
 * Contract: `pb.Definition` (moby/buildkit v0.33.0: solver/pb/ops.proto).
 */

import type { LinuxResources, ProgressGroup } from "./op.ts";
import type { LineRange } from "./source-map.ts";

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = string;

export interface Definition {
  /** Depth first from the result, inputs before the ops that use them, the terminal op last; empty for scratch. */
  readonly ops: readonly MarshalledOp[];
  /** By digest, the terminal op's included. */
  readonly metadata: ReadonlyMap<Digest, MarshalledMetadata>;
  readonly source: DefinitionSource;
}

export interface MarshalledOp {
  readonly digest: Digest;
  /** `pb.Op`; the digest is that of these bytes. */
  readonly bytes: Uint8Array;
}

export interface MarshalledMetadata {
  readonly ignoreCache: boolean;
  readonly description: Readonly<Record<string, string>>;
  readonly exportCache: boolean | undefined;
  readonly caps: readonly string[];
  readonly progressGroup: ProgressGroup | undefined;
  readonly linuxResources: LinuxResources | undefined;
}

export interface DefinitionSource {
  readonly infos: readonly SourceInfo[];
  readonly locations: ReadonlyMap<Digest, readonly DefinitionLocation[]>;
}

export interface SourceInfo {
  readonly filename: string;
  readonly language: string;
  readonly data: Uint8Array;
  readonly definition: Definition | undefined;
}

export interface DefinitionLocation {
  /** Position in `infos`. */
  readonly sourceIndex: number;
  readonly ranges: readonly LineRange[];
}

/** The digest of the op whose result a definition is; `undefined` for scratch. */
export function headDigest(definition: Definition): Digest | undefined {
  return definition.ops.at(-2)?.digest;
}
