/** A build by its images: what their steps come to. */
import { coveredMs } from "./intervals.ts";
import { isOver, type Step } from "./trace.ts";

export type ImageState = "waiting" | "running" | "built" | "cached" | "pulled" | "failed" | "cancelled";

export interface ImageProgress {
  /** undefined for the steps that belong to no image. */
  readonly image: string | undefined;
  /** In the order in which they were begun, those that are not begun last. */
  readonly steps: readonly Step[];
  readonly state: ImageState;
  /** How long at least one of its steps ran. */
  readonly ms: number;
  readonly stepsOver: number;
}

/** The images in the order in which they were begun, those that are not begun after them, what belongs to none of them last. */
export function imagesOf(steps: readonly Step[], nowMs: number): ImageProgress[] {
  const byImage = new Map<string | undefined, Step[]>();
  for (const step of steps) {
    const own = byImage.get(step.label.image);
    if (own === undefined) byImage.set(step.label.image, [step]);
    else own.push(step);
  }
  const images = [...byImage].map(([image, own]) => imageProgress(image, own, nowMs));
  return images.sort(
    (a, b) => Number(a.image === undefined) - Number(b.image === undefined) || begunMs(a.steps) - begunMs(b.steps),
  );
}

function begunMs(steps: readonly Step[]): number {
  // Not infinite: the difference of two that are not begun has to be a number.
  return Math.min(Number.MAX_SAFE_INTEGER, ...steps.flatMap((step) => step.intervals.map(({ startMs }) => startMs)));
}

function imageProgress(image: string | undefined, steps: readonly Step[], nowMs: number): ImageProgress {
  const intervals = steps.flatMap((step) => step.intervals);
  return {
    image,
    steps: steps.toSorted((a, b) => begunMs([a]) - begunMs([b])),
    state: imageState(steps),
    ms: coveredMs(intervals, nowMs),
    stepsOver: steps.filter(isOver).length,
  };
}

function imageState(steps: readonly Step[]): ImageState {
  const any = (state: Step["state"]) => steps.some((step) => step.state === state);
  // A source that failed may have been looked for in vain, and the image is built instead.
  if (steps.some((step) => step.state === "failed" && step.label.role === "work")) return "failed";
  if (any("running")) return "running";
  if (any("cancelled")) return "cancelled";
  if (any("waiting")) return steps.some(isOver) ? "running" : "waiting";
  return restingState(steps);
}

/**
 * What an image came to in a build that has succeeded. Steps that never started were not needed: the daemon looks from the end
 * of the graph for what it has.
 */
export function restingState(steps: readonly Step[]): "built" | "cached" | "pulled" {
  const work = steps.filter(({ label }) => label.role === "work");
  if (work.some(({ state }) => state === "done")) return "built";
  if (work.length > 0) return "cached";
  return steps.some(({ transfers }) => transfers.size > 0) ? "pulled" : "cached";
}
