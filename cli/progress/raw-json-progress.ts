/** Progress as one JSON object a line, at once and in order. */
import type { ProgressEvent } from "../../client/index.ts";
import { type FailedStep, failedSteps } from "./failed-steps.ts";
import type { FullProgressOptions, Progress } from "./progress.ts";
import { rawJsonLine, rawJsonWarning } from "./raw-json.ts";
import { forgetOutput, Trace } from "./trace.ts";

/** What is kept for the report on a failed step; whoever reads the events can keep more. */
const MAX_LOG_LENGTH = 256 * 1024;

export class RawJsonProgress implements Progress {
  readonly #options: FullProgressOptions;
  readonly #trace: Trace;

  constructor(options: FullProgressOptions) {
    this.#options = options;
    this.#trace = new Trace({ ...options, log: { maxLength: MAX_LOG_LENGTH } });
  }

  event(event: ProgressEvent): void {
    this.#options.out.write(`${rawJsonLine(event)}\n`);
    const step = this.#trace.update(event);
    if (step !== undefined) forgetOutput(step);
  }

  /** Left out: what is no event has no shape that a program could know. */
  note(): void {}

  warning(message: string): void {
    this.#options.out.write(`${rawJsonWarning(message)}\n`);
  }

  finish(): void {}

  failedSteps(): readonly FailedStep[] {
    return failedSteps(this.#trace.steps);
  }
}
