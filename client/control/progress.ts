/**
 * The progress of a solve as plain data, from the `Status` stream of `moby.buildkit.v1.Control` (moby/buildkit v0.33.0).
 * Times are milliseconds since 1970 with a fraction, accurate to a microsecond.
 */

import type { control, pb, timestamp } from "../../proto/index.ts";

/**
 * What happened. Vertices and statuses come again whenever something about them changes, each time whole; a vertex is known before its
 * statuses and logs.
 */
export type ProgressEvent = ProgressVertex | ProgressStatus | ProgressLog | ProgressWarning;

/** A step of the build. Not started, running, or completed; completed with an `error`, from the cache, or by doing it. */
export interface ProgressVertex {
  readonly kind: "vertex";
  readonly digest: string;
  /** Digests of the vertices that it needs. */
  readonly inputs: readonly string[];
  readonly name: string;
  readonly cached: boolean;
  readonly startedMs: number | undefined;
  readonly completedMs: number | undefined;
  /** Empty unless it failed; "context canceled" where another one did. */
  readonly error: string;
  readonly group: { readonly id: string; readonly name: string; readonly weak: boolean } | undefined;
}

/** Something countable within a vertex, such as the bytes of a layer. */
export interface ProgressStatus {
  readonly kind: "status";
  /** Differs from those of other statuses of its vertex; written for people. */
  readonly id: string;
  readonly vertex: string;
  readonly name: string;
  readonly current: number;
  /** 0 where it isn't known. */
  readonly total: number;
  readonly timestampMs: number | undefined;
  readonly startedMs: number | undefined;
  readonly completedMs: number | undefined;
}

/** A piece of the output of a vertex: any bytes, not whole lines. */
export interface ProgressLog {
  readonly kind: "log";
  readonly vertex: string;
  readonly stream: "stdout" | "stderr";
  readonly data: Uint8Array;
  readonly timestampMs: number | undefined;
}

/** A warning of a frontend about a vertex, perhaps with the lines it is about. */
export interface ProgressWarning {
  readonly kind: "warning";
  readonly vertex: string;
  readonly level: number;
  readonly message: string;
  readonly detail: readonly string[];
  readonly url: string;
  readonly source: pb.SourceInfo | undefined;
  readonly ranges: readonly pb.Range[];
}

/** The events of one message, vertices first. */
export function progressEvents(response: control.StatusResponse): ProgressEvent[] {
  return [
    ...response.vertexes.map(vertexEvent),
    ...response.statuses.map(statusEvent),
    ...response.logs.map(logEvent),
    ...response.warnings.map(warningEvent),
  ];
}

function vertexEvent(vertex: control.Vertex): ProgressVertex {
  return {
    kind: "vertex",
    digest: vertex.digest,
    inputs: vertex.inputs,
    name: vertex.name,
    cached: vertex.cached,
    startedMs: milliseconds(vertex.started),
    completedMs: milliseconds(vertex.completed),
    error: vertex.error,
    group: vertex.progressGroup,
  };
}

function statusEvent(status: control.VertexStatus): ProgressStatus {
  return {
    kind: "status",
    id: status.ID,
    vertex: status.vertex,
    name: status.name,
    current: status.current,
    total: status.total,
    timestampMs: milliseconds(status.timestamp),
    startedMs: milliseconds(status.started),
    completedMs: milliseconds(status.completed),
  };
}

function logEvent(log: control.VertexLog): ProgressLog {
  return {
    kind: "log",
    vertex: log.vertex,
    stream: log.stream === 2 ? "stderr" : "stdout",
    data: log.msg,
    timestampMs: milliseconds(log.timestamp),
  };
}

function warningEvent(warning: control.VertexWarning): ProgressWarning {
  const text = new TextDecoder();
  return {
    kind: "warning",
    vertex: warning.vertex,
    level: warning.level,
    message: text.decode(warning.short),
    detail: warning.detail.map((line) => text.decode(line)),
    url: warning.url,
    source: warning.info,
    ranges: warning.ranges,
  };
}

function milliseconds(time: timestamp.Timestamp | undefined): number | undefined {
  return time === undefined ? undefined : Number(time.seconds) * 1000 + time.nanos / 1e6;
}
