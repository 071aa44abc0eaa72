/** Events made by hand, for what is tedious to record. Times are milliseconds from 0. */
import type { ProgressEvent, ProgressLog, ProgressStatus, ProgressVertex } from "../../../client/index.ts";

export function vertex(name: string, rest: Partial<ProgressVertex> = {}): ProgressVertex {
  return {
    kind: "vertex",
    digest: `sha256:${name}`,
    inputs: [],
    name,
    cached: false,
    startedMs: undefined,
    completedMs: undefined,
    error: "",
    group: undefined,
    ...rest,
  };
}

export function log(
  name: string,
  data: string | Uint8Array,
  timestampMs = 0,
  stream: ProgressLog["stream"] = "stdout",
): ProgressLog {
  return {
    kind: "log",
    vertex: `sha256:${name}`,
    stream,
    timestampMs,
    data: typeof data === "string" ? Buffer.from(data) : data,
  };
}

export function status(name: string, id: string, rest: Partial<ProgressStatus> = {}): ProgressStatus {
  return {
    kind: "status",
    vertex: `sha256:${name}`,
    id,
    name: "",
    current: 0,
    total: 0,
    timestampMs: 0,
    startedMs: 0,
    completedMs: undefined,
    ...rest,
  };
}

/** A step that ran from `startedMs` to `completedMs`: the events of its life. */
export function life(
  name: string,
  startedMs: number,
  completedMs: number,
  rest: Partial<ProgressVertex> = {},
): ProgressEvent[] {
  return [vertex(name), vertex(name, { startedMs }), vertex(name, { startedMs, completedMs, ...rest })];
}
