/**
 * Where in a person's text a vertex comes from, so that the daemon's errors can show the lines.
 * Contract: `pb.Source`, `pb.SourceInfo`, `pb.Location` (moby/buildkit v0.33.0: solver/pb/ops.proto).
 */
import type { Output } from "./op.ts";

/** A file whose lines vertices refer to. Compared by content when a definition is marshalled. */
export interface SourceMap {
  readonly filename: string;
  /** A name of github.com/linguist, such as `Dockerfile`. */
  readonly language: string;
  readonly data: Uint8Array;
  /** The source that the file was read from, if it was read by the daemon. */
  readonly origin: Output | undefined;
}

/** Lines count from 1; characters are 0 where a whole line is meant. Both ends are inclusive, as in `pb.Range`. */
export interface LineRange {
  readonly start: LinePosition;
  readonly end: LinePosition;
}

export interface LinePosition {
  readonly line: number;
  readonly character: number;
}

export interface SourceLocation {
  readonly source: SourceMap;
  readonly ranges: readonly LineRange[];
}
