/** Recorded status streams: what `buildctl build --progress=rawjson` printed, one message a line. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ProgressEvent, progressEvents } from "../../../client/index.ts";
import type { control, timestamp } from "../../../proto/index.ts";

const folder = fileURLToPath(new URL("../../testdata/progress/", import.meta.url));

export function readCase(name: string, file: string): string {
  return readFileSync(`${folder}${name}/${file}`, "utf8");
}

export function recordedLines(name: string): string[] {
  return readCase(name, "events.jsonl").split("\n").filter(Boolean);
}

/** The events of a recording, as the client hands them to a display. */
export function recordedEvents(name: string): ProgressEvent[] {
  return recordedLines(name).flatMap((line) => progressEvents(statusResponse(JSON.parse(line) as SolveStatus)));
}

/** When an event happened, by the daemon's clock; undefined where it doesn't say. */
export function timeOf(event: ProgressEvent): number | undefined {
  switch (event.kind) {
    case "vertex":
      return event.completedMs ?? event.startedMs;
    case "status":
    case "log":
      return event.timestampMs;
    case "warning":
      return undefined;
  }
}

/** Go's `client.SolveStatus`, as far as the recordings have it. */
interface SolveStatus {
  vertexes?: {
    digest: string;
    inputs?: string[];
    name: string;
    started?: string;
    completed?: string;
    cached?: boolean;
    error?: string;
  }[];
  statuses?: {
    id: string;
    vertex: string;
    name?: string;
    total?: number;
    current: number;
    timestamp: string;
    started?: string;
    completed?: string;
  }[];
  logs?: { vertex: string; stream: number; data: string; timestamp: string }[];
  warnings?: {
    vertex: string;
    level: number;
    short: string;
    detail: string[];
    url: string;
    sourceInfo: { filename: string; data: string; language: string };
    range: { start: { line: number }; end: { line: number } }[];
  }[];
}

function statusResponse(status: SolveStatus): control.StatusResponse {
  return {
    vertexes: (status.vertexes ?? []).map((vertex) => ({
      inputs: [],
      cached: false,
      error: "",
      ...vertex,
      started: time(vertex.started),
      completed: time(vertex.completed),
    })),
    statuses: (status.statuses ?? []).map(({ id, ...rest }) => ({
      ID: id,
      name: "",
      total: 0,
      ...rest,
      timestamp: time(rest.timestamp),
      started: time(rest.started),
      completed: time(rest.completed),
    })),
    logs: (status.logs ?? []).map(({ data, timestamp, ...rest }) => ({
      ...rest,
      msg: bytes(data),
      timestamp: time(timestamp),
    })),
    warnings: (status.warnings ?? []).map((warning) => ({
      vertex: warning.vertex,
      level: warning.level,
      url: warning.url,
      short: bytes(warning.short),
      detail: warning.detail.map(bytes),
      info: { ...warning.sourceInfo, data: bytes(warning.sourceInfo.data) },
      ranges: warning.range.map(({ start, end }) => ({
        start: { line: start.line, character: 0 },
        end: { line: end.line, character: 0 },
      })),
    })),
  };
}

function bytes(base64: string): Uint8Array {
  return Buffer.from(base64, "base64");
}

function time(text: string | undefined): timestamp.Timestamp | undefined {
  if (text === undefined) return undefined;
  const [, seconds = "", fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? [];
  return { seconds: BigInt(Date.parse(`${seconds}Z`) / 1000), nanos: Number(fraction.padEnd(9, "0")) };
}
