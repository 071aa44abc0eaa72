/**
 * One picture of a running build: lines that fit a terminal of a given size. Pure: the same trace, time and size give the same lines.
 *
 *     building 12.3s, 5 of 12 steps
 *     billing-demo  3/5                                             8.1s
 *       [build 3/5] RUN cargo build --release                       7.9s
 *         │ Compiling serde v1.0.228
 *     ubuntu-base                                                 cached
 *
 * Every line has a rank, and where there are too few rows for all, those of the lowest ranks stay, in their order.
 */

import type { ProgressStatus } from "../../client/index.ts";
import { bytes, cut, displayWidth, duration, type Paint, plainLine, spread, type Tone } from "../text/index.ts";
import { type ImageProgress, imagesOf } from "./image-progress.ts";
import { isOver, type Step, stepMs, type Trace } from "./trace.ts";

export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
}

/** A line before it is cut to width. */
interface Row {
  /** What stays longest where rows are short: low. */
  readonly rank: number;
  readonly indent: number;
  readonly left: string;
  readonly right: string;
  readonly tone: Tone | undefined;
}

const RANK = { active: 1, image: 2, transfer: 3, output: 4, over: 5 } as const;

/** Beyond this the numbers at the right end are too far from what they belong to. */
const MAX_COLUMNS = 110;
const OUTPUT_LINES = 5;
const TRANSFER_LINES = 4;
const BAR_LENGTH = 12;

/** The lines of the picture, at most one less than there are rows, so that the cursor has room below. */
export function frame(trace: Trace, { columns, rows, paint }: FrameOptions): string[] {
  const steps = trace.steps;
  const over = steps.filter(isOver).length;
  const head = `building ${duration(trace.elapsedMs)}, ${over} of ${steps.length} steps`;
  const room = Math.max(0, rows - 2);
  const all = imagesOf(steps, trace.daemonNowMs).flatMap((image) => imageRows(image, trace.daemonNowMs));
  const shown = fitRows(all, room);
  // The last column stays empty: what a terminal does to a line that fills it differs.
  const width = Math.min(columns - 1, MAX_COLUMNS);
  const lines = [paint("strong", cut(head, width)), ...shown.map((row) => drawRow(row, width, paint))];
  return lines.slice(0, rows - 1);
}

/** The rows of the lowest ranks, in their order; a last one says what else is running where not even that has room. */
function fitRows(rows: readonly Row[], room: number): readonly Row[] {
  if (rows.length <= room) return rows;
  const important = rows.filter((row) => row.rank <= RANK.active).length;
  const ranks = rows.map((row) => row.rank).sort((a, b) => a - b);
  if (important > room) {
    const shown = rows.filter((row) => row.rank <= RANK.active).slice(0, Math.max(0, room - 1));
    return [...shown, rowOf(`and ${important - shown.length} more`, 0)].slice(0, room);
  }
  const highest = ranks[room - 1] ?? 0;
  let ties = room - ranks.filter((value) => value < highest).length;
  return rows.filter((row) => row.rank < highest || (row.rank === highest && ties-- > 0));
}

function imageRows(image: ImageProgress, nowMs: number): Row[] {
  const indent = image.image === undefined ? 0 : 2;
  const active = image.state === "running" || image.state === "failed";
  // Steps that are over matter least, the older the less; those of an image that is done are in its own line.
  const overRank = (step: Step) => RANK.over + 1 - 1 / (1 + image.steps.length - image.steps.indexOf(step));
  const steps = image.steps.flatMap((step) => {
    if (step.state === "running") return runningRows(step, indent, nowMs);
    if (step.state === "failed" && step.label.role === "work") return [stepRow(step, RANK.active, indent, nowMs)];
    return active && isOver(step) && image.image !== undefined ? [stepRow(step, overRank(step), indent, nowMs)] : [];
  });
  return image.image === undefined ? steps : [headRow(image, image.image, active), ...steps];
}

function headRow(image: ImageProgress, name: string, active: boolean): Row {
  const count = active ? `  ${image.stepsOver}/${image.steps.length}` : "";
  const time = image.ms === 0 || image.state === "cached" ? "" : ` ${duration(image.ms).padStart(6)}`;
  const state = active && image.state === "running" ? "" : image.state;
  return {
    rank: active ? RANK.active : RANK.image,
    indent: 0,
    left: name + count,
    right: (state + time).trim(),
    tone: active ? "accent" : image.state === "built" ? "good" : "faint",
  };
}

function stepRow(step: Step, atRank: number, indent: number, nowMs: number): Row {
  const failed = step.state === "failed";
  const right = step.state === "cached" ? "cached" : duration(stepMs(step, nowMs));
  return {
    rank: atRank,
    indent,
    left: (failed ? "failed: " : "") + plainLine(step.label.step.replaceAll(/\s+/g, " ")),
    right: step.state === "cancelled" ? "cancelled" : right,
    // To look for something in vain doesn't mean that the build fails.
    tone: failed && step.label.role === "work" ? "bad" : step.state === "running" ? undefined : "faint",
  };
}

function runningRows(step: Step, indent: number, nowMs: number): Row[] {
  const transfers = [...step.transfers.values()].filter((transfer) => transfer.completedMs === undefined);
  const output = step.log.last(OUTPUT_LINES).map(({ text }) => plainLine(text));
  const rows = transfers.slice(0, TRANSFER_LINES).map((transfer) => transferRow(transfer, indent + 2));
  if (transfers.length > TRANSFER_LINES) {
    rows.push({ ...rowOf(`and ${transfers.length - TRANSFER_LINES} more`, indent + 2), rank: RANK.transfer });
  }
  // Of several running steps each should keep its last line before any keeps its last but one.
  const outputRows = output.map((text, index) => ({
    ...rowOf(`│ ${text}`, indent + 2),
    rank: RANK.output + (output.length - index) / 10,
  }));
  return [stepRow(step, RANK.active, indent, nowMs), ...rows, ...outputRows];
}

function rowOf(left: string, indent: number): Row {
  return { rank: RANK.output, indent, left, right: "", tone: "faint" };
}

function transferRow(transfer: ProgressStatus, indent: number): Row {
  const { current, total } = transfer;
  const share = total > 0 ? Math.min(1, current / total) : undefined;
  const filled = Math.round((share ?? 0) * BAR_LENGTH);
  const bar = share === undefined ? "" : `${"━".repeat(filled)}${"╌".repeat(BAR_LENGTH - filled)} `;
  const size = total > 0 ? `${bytes(current)} of ${bytes(total)}` : current > 0 ? bytes(current) : "";
  return { ...rowOf(shortDigests(plainLine(transfer.id)), indent), right: bar + size, rank: RANK.transfer };
}

/** Digests as people compare them: by their first twelve digits. */
function shortDigests(text: string): string {
  return text.replace(/sha256:([0-9a-f]{12})[0-9a-f]{52}/g, "$1");
}

function drawRow(row: Row, columns: number, paint: Paint): string {
  const indent = Math.min(row.indent, Math.max(0, columns - 10));
  // A bar is worth less than the name of what it measures.
  const right = displayWidth(row.right) > columns / 2 ? "" : row.right;
  const { left, right: end } = spread(row.left, right, columns - indent);
  const text = row.tone === undefined ? left + end : paint(row.tone, left) + paint("faint", end);
  return (" ".repeat(indent) + text).trimEnd();
}
