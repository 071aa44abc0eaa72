/** What is left of the steps that failed, for the report at the end. */
import type { Step } from "./trace.ts";

/** What a step that failed has left. Feeds `renderFailure`. */
export interface FailedStep {
  /** As in `ProgressVertex.digest` and `BuildFailure.vertex`. */
  readonly digest: string;
  /** The whole name of the vertex. */
  readonly name: string;
  readonly image: string | undefined;
  /** The name without the image. */
  readonly step: string;
  /** The daemon's words. */
  readonly error: string;
  /** The end of its output, line by line, as it came: escape sequences and all. */
  readonly output: readonly string[];
  /** How many lines came before, and are forgotten. */
  readonly missingLines: number;
}

/**
 * The steps that failed by themselves, not because another one did, in the order in which they became known; with the last `maxLines`
 * of what is known of their output.
 */
export function failedSteps(steps: readonly Step[], maxLines = Number.POSITIVE_INFINITY): readonly FailedStep[] {
  return steps
    .filter(({ state }) => state === "failed")
    .map((step) => {
      const { lines, missing } = step.log.from(Math.max(0, step.log.count - maxLines));
      return {
        digest: step.digest,
        name: step.name,
        image: step.label.image,
        step: step.label.step,
        error: step.error,
        output: lines.map(({ text }) => text),
        missingLines: missing + Math.max(0, step.log.count - maxLines),
      };
    });
}
