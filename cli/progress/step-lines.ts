/** What the plain display says of a step: each thing once. */
import type { ProgressStatus } from "../../client/index.ts";
import { bytes, colouredLine, type Paint, plainLine } from "../text/index.ts";
import type { LogLine } from "./log-tail.ts";
import { isOver, type Step, stepMs } from "./trace.ts";

/** Transfers are told again when they got on by this share, or after this time. */
const TRANSFER_SHARE = 0.05;
const TRANSFER_MS = 5_000;

/** What has been said of a step. */
export interface Said {
  /** The `N` of `#N`. */
  readonly number: number;
  lines: number;
  warnings: number;
  readonly transfers: Map<string, ProgressStatus>;
  /** What the last word on its end stood for, as a step may be started again. */
  ending: string;
}

export function nothingSaid(number: number): Said {
  return { number, lines: 0, warnings: 0, transfers: new Map(), ending: "" };
}

/** The lines that have come about since, without number; notes in `said` that they are. `nowMs` is by the daemon's clock. */
export function newLines(
  step: Step,
  said: Said,
  paint: Paint,
  options: { readonly colour: boolean; readonly nowMs: number },
): string[] {
  const lines = [
    ...transferLines(step, said),
    ...warningLines(step, said, paint),
    ...outputLines(step, said, options.colour),
  ];
  const ending = isOver(step) ? `${step.state} ${step.intervals.length}` : "";
  const ended = ending !== "" && (ending !== said.ending || lines.length > 0);
  said.ending = ending;
  return ended ? [...lines, endingLine(step, options.nowMs, paint)] : lines;
}

function transferLines(step: Step, said: Said): string[] {
  const lines: string[] = [];
  for (const transfer of step.transfers.values()) {
    const last = said.transfers.get(transfer.id);
    if (transfer.startedMs === undefined || (last !== undefined && !isNews(transfer, last))) continue;
    said.transfers.set(transfer.id, transfer);
    lines.push(transfer.id + transferSize(transfer) + transferTime(transfer));
  }
  return lines;
}

function isNews(transfer: ProgressStatus, last: ProgressStatus): boolean {
  if (transfer.completedMs !== undefined) return transfer.completedMs !== last.completedMs;
  if ((transfer.timestampMs ?? 0) - (last.timestampMs ?? 0) >= TRANSFER_MS) return transfer !== last;
  return transfer.total > 0 && (transfer.current - last.current) / transfer.total >= TRANSFER_SHARE;
}

function transferSize({ current, total }: ProgressStatus): string {
  if (total > 0) return ` ${bytes(current)} / ${bytes(total)}`;
  return current > 0 ? ` ${bytes(current)}` : "";
}

function transferTime({ startedMs, completedMs, timestampMs }: ProgressStatus): string {
  const ms = (completedMs ?? timestampMs ?? 0) - (startedMs ?? 0);
  return (ms > 10 ? ` ${seconds(ms)}` : "") + (completedMs === undefined ? "" : " done");
}

function warningLines(step: Step, said: Said, paint: Paint): string[] {
  const fresh = step.warnings.slice(said.warnings);
  said.warnings = step.warnings.length;
  return fresh.map(({ message }) => `${paint("caution", "WARN:")} ${message}`);
}

function outputLines(step: Step, said: Said, colour: boolean): string[] {
  const { lines, missing } = step.log.from(said.lines);
  said.lines = step.log.count;
  const startMs = step.intervals.at(-1)?.startMs ?? 0;
  const shown = lines.map(
    (line) => `${outputTime(line, startMs)} ${colour ? colouredLine(line.text) : plainLine(line.text)}`,
  );
  return missing > 0 ? [`[${missing} lines left out]`, ...shown] : shown;
}

/** Seconds since the step was started: with the digits that leave five characters. */
function outputTime(line: LogLine, startMs: number): string {
  const elapsed = (line.timeMs - startMs) / 1000;
  return elapsed.toFixed(elapsed < 10 ? 3 : elapsed < 100 ? 2 : 1);
}

function endingLine(step: Step, nowMs: number, paint: Paint): string {
  switch (step.state) {
    case "failed":
      // An image that is not in its registry is built: nothing to be alarmed by.
      if (step.label.role === "source" && step.error.endsWith("not found")) return "NOT FOUND";
      return `${paint("bad", "ERROR:")} ${step.error}`;
    case "cancelled":
      return "CANCELED";
    case "cached":
      return "CACHED";
    default:
      return `DONE ${seconds(stepMs(step, nowMs))}`;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)}s`;
}
