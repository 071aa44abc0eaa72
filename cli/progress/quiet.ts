/** No progress at all: only what failed is remembered, so that it can be told. */
import type { ProgressEvent } from "../../client/index.ts";
import { type FailedStep, failedSteps } from "./failed-steps.ts";
import type { FullProgressOptions, Progress } from "./progress.ts";
import { forgetOutput, Trace } from "./trace.ts";

const MAX_LOG_LENGTH = 256 * 1024;

export class QuietProgress implements Progress {
  readonly #trace: Trace;

  constructor(options: FullProgressOptions) {
    this.#trace = new Trace({ ...options, log: { maxLength: MAX_LOG_LENGTH } });
  }

  event(event: ProgressEvent): void {
    const step = this.#trace.update(event);
    if (step !== undefined) forgetOutput(step);
  }

  note(): void {}

  warning(): void {}

  finish(): void {}

  failedSteps(): readonly FailedStep[] {
    return failedSteps(this.#trace.steps);
  }
}
