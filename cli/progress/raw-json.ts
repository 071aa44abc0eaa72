/**
 * Events as JSON, one a line, for programs: the shape that `docker buildx build --progress=rawjson` prints (Go's `SolveStatus`; moby/buildkit
 * v0.33.0: client/graph.go), with three differences. A line holds one event; times end at microseconds, as the client has them; and a
 * warning's source comes without the definition that the file was read by.
 */
import type {
  ProgressEvent,
  ProgressLog,
  ProgressStatus,
  ProgressVertex,
  ProgressWarning,
} from "../../client/index.ts";
import { goJson } from "../../llb/index.ts";

/** The line of an event, without a line feed. */
export function rawJsonLine(event: ProgressEvent): string {
  switch (event.kind) {
    case "vertex":
      return goJson({ vertexes: [vertexJson(event)] });
    case "status":
      return goJson({ statuses: [statusJson(event)] });
    case "log":
      return goJson({ logs: [logJson(event)] });
    case "warning":
      return goJson({ warnings: [warningJson(event)] });
  }
}

/** The line of a warning that is about no vertex. */
export function rawJsonWarning(message: string): string {
  return goJson({ warnings: [{ level: 1, short: base64(message) }] });
}

// Keys in Go's order. Go leaves out what has its zero value where the field says "omitempty": here, `undefined`.

function vertexJson(vertex: ProgressVertex) {
  return {
    digest: nonEmpty(vertex.digest),
    inputs: vertex.inputs.length === 0 ? undefined : vertex.inputs,
    name: nonEmpty(vertex.name),
    started: time(vertex.startedMs),
    completed: time(vertex.completedMs),
    cached: vertex.cached || undefined,
    error: nonEmpty(vertex.error),
    progressGroup: vertex.group && {
      id: nonEmpty(vertex.group.id),
      name: nonEmpty(vertex.group.name),
      weak: vertex.group.weak || undefined,
    },
  };
}

function statusJson(status: ProgressStatus) {
  return {
    id: status.id,
    vertex: nonEmpty(status.vertex),
    name: nonEmpty(status.name),
    total: status.total || undefined,
    current: status.current,
    timestamp: time(status.timestampMs ?? 0),
    started: time(status.startedMs),
    completed: time(status.completedMs),
  };
}

function logJson(log: ProgressLog) {
  return {
    vertex: nonEmpty(log.vertex),
    stream: log.stream === "stdout" ? 1 : 2,
    data: base64(log.data),
    timestamp: time(log.timestampMs ?? 0),
  };
}

function warningJson(warning: ProgressWarning) {
  return {
    vertex: nonEmpty(warning.vertex),
    level: warning.level || undefined,
    short: nonEmpty(base64(warning.message)),
    detail: warning.detail.length === 0 ? undefined : warning.detail.map(base64),
    url: nonEmpty(warning.url),
    sourceInfo: warning.source && {
      filename: nonEmpty(warning.source.filename),
      data: nonEmpty(base64(warning.source.data)),
      language: nonEmpty(warning.source.language),
    },
    range:
      warning.ranges.length === 0
        ? undefined
        : warning.ranges.map(({ start, end }) => ({ start: positionJson(start), end: positionJson(end) })),
  };
}

function positionJson(position: { readonly line: number; readonly character: number } | undefined) {
  return position && { line: position.line || undefined, character: position.character || undefined };
}

function nonEmpty(text: string): string | undefined {
  return text === "" ? undefined : text;
}

function base64(data: Uint8Array | string): string {
  return Buffer.from(data).toString("base64");
}

/** RFC 3339 in UTC with the digits that it takes, at most six, behind the second. */
function time(ms: number | undefined): string | undefined {
  if (ms === undefined) return undefined;
  const micros = Math.round(ms * 1000);
  const seconds = Math.floor(micros / 1e6);
  const fraction = String(micros - seconds * 1e6)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fraction === "" ? "" : `.${fraction}`}Z`;
}
