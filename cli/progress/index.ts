/**
 * Progress of a build: live on a terminal, as lines, as JSON, or none.
 *
 *     const progress = createProgress({ mode: "tty", out, colour, columns, rows, now });
 *     const result = await solve(client, { …, onProgress: (event) => progress.event(event) });
 *     progress.finish(result.kind);
 */
export { createProgress } from "./create-progress.ts";
export type { FailedStep } from "./failed-steps.ts";
export type { Outcome, Output, Progress, ProgressMode, ProgressOptions } from "./progress.ts";
export {
  type FailureCause,
  FOREIGN_PROCESSOR,
  foreignProcessorAdvice,
  type RenderFailureOptions,
  renderFailure,
} from "./render-failure.ts";
export { bracketLabel, type GroupOf, type StepLabel } from "./step-label.ts";
