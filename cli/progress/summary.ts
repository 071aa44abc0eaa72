/** The last words on a build: what became of each image, and how long it took. */
import { displayWidth, duration, type Paint, type Tone } from "../text/index.ts";
import { type ImageProgress, type ImageState, imagesOf, restingState } from "./image-progress.ts";
import type { Outcome } from "./progress.ts";
import { isOver, type Trace } from "./trace.ts";

const TONES = {
  waiting: "faint",
  running: "faint",
  built: "good",
  cached: "faint",
  pulled: "accent",
  failed: "bad",
  cancelled: "caution",
} as const satisfies Record<ImageState, Tone>;

const WORDS = {
  waiting: "not built",
  running: "running",
  built: "built",
  cached: "cached",
  pulled: "pulled",
  failed: "failed",
  cancelled: "cancelled",
} as const satisfies Record<ImageState, string>;

/** Lines without a line feed. One for each image, unless nothing was done for any; then one for the whole. None if nothing was begun and it failed. */
export function summary(trace: Trace, outcome: Outcome, paint: Paint, failed?: ReadonlySet<string>): string[] {
  // It went wrong before anything was built: the error says all there is to say.
  if (outcome !== "done" && trace.steps.length === 0) return [];
  const images = imagesOf(trace.steps, trace.daemonNowMs).filter(({ image }) => image !== undefined);
  const ended = images.map((image) => ({ ...image, state: endState(image, outcome, failed) }));
  const width = Math.max(0, ...ended.map(({ image }) => displayWidth(image ?? "")));
  const idle = ended.every(({ state }) => state === "cached");
  const lines = idle ? [] : ended.map((image) => imageLine(image, width, paint));
  return [...lines, totalLine(idle && ended.length > 0, outcome, trace.elapsedMs, paint)];
}

function endState(
  { image = "", state, steps }: ImageProgress,
  outcome: Outcome,
  failed?: ReadonlySet<string>,
): ImageState {
  // Steps that were never begun, or given up, were done for another image, too.
  if (failed !== undefined) return failed.has(image) ? "failed" : restingState(steps);
  const worked = steps.some((step) => isOver(step) && step.label.role === "work");
  if (outcome === "failed" && !worked && steps.some((step) => step.state === "failed")) return "failed";
  if (state !== "waiting" && state !== "running") return state;
  if (outcome === "done") return restingState(steps);
  return state === "waiting" ? "waiting" : "cancelled";
}

function imageLine({ image = "", state, ms }: ImageProgress, width: number, paint: Paint): string {
  const name = image + " ".repeat(width - displayWidth(image));
  const time = state === "cached" || ms === 0 ? "" : `  ${duration(ms).padStart(6)}`;
  return `${name}  ${paint(TONES[state], time === "" ? WORDS[state] : WORDS[state].padEnd(9))}${time}`;
}

function totalLine(idle: boolean, outcome: Outcome, elapsedMs: number, paint: Paint): string {
  const time = duration(elapsedMs);
  if (outcome === "failed") return paint("bad", `failed after ${time}`);
  if (outcome === "cancelled") return paint("caution", `cancelled after ${time}`);
  return paint("strong", idle ? `all cached, ${time}` : `done in ${time}`);
}
