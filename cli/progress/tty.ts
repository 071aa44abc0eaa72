/** Progress on a terminal: a picture of what is running, drawn anew ten times a second, which makes way for a summary. */
import type { ProgressEvent } from "../../client/index.ts";
import { paintWith } from "../text/index.ts";
import { type FailedStep, failedSteps } from "./failed-steps.ts";
import { frame } from "./frame.ts";
import { LiveRegion, type TerminalSize } from "./live-region.ts";
import type { FullProgressOptions, Outcome, Progress } from "./progress.ts";
import { summary } from "./summary.ts";
import { forgetOutput, Trace } from "./trace.ts";

const DRAW_EVERY_MS = 100;
/** Of each running step; of failed ones all of it may be shown at the end. */
const MAX_LOG_LENGTH = 256 * 1024;
/** As many warnings as a person reads; more are counted. */
const MAX_WARNINGS = 10;

export class TtyProgress implements Progress {
  readonly #options: FullProgressOptions;
  readonly #trace: Trace;
  readonly #region: LiveRegion;
  readonly #stop: () => void;
  #finished = false;

  constructor(options: FullProgressOptions) {
    this.#options = options;
    this.#trace = new Trace({ ...options, log: { maxLength: MAX_LOG_LENGTH } });
    this.#region = new LiveRegion(options.out);
    this.#stop = options.every(DRAW_EVERY_MS, () => this.#draw());
  }

  event(event: ProgressEvent): void {
    if (this.#finished) return;
    const step = this.#trace.update(event);
    if (step !== undefined) forgetOutput(step);
  }

  note(line: string): void {
    this.#region.writeAbove(`${line}\n`, this.#size());
  }

  warning(message: string): void {
    this.note(`${paintWith(this.#options.colour)("caution", "warning:")} ${message}`);
  }

  finish(outcome: Outcome, failed?: ReadonlySet<string>): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#stop();
    this.#region.close(this.#size());
    for (const step of this.#trace.steps) step.log.flush();
    this.#warn();
    const lines = summary(this.#trace, outcome, paintWith(this.#options.colour), failed);
    this.#options.out.write(lines.map((line) => `${line}\n`).join(""));
  }

  failedSteps(): readonly FailedStep[] {
    return failedSteps(this.#trace.steps);
  }

  #draw(): void {
    // Nothing is known yet: no picture is better than one that says so.
    if (this.#finished || this.#trace.steps.length === 0) return;
    const size = this.#size();
    this.#region.draw(frame(this.#trace, { ...size, paint: paintWith(this.#options.colour) }), size);
  }

  #size(): TerminalSize {
    return { columns: Math.max(1, this.#options.columns()), rows: Math.max(1, this.#options.rows()) };
  }

  #warn(): void {
    const messages = new Set(this.#trace.steps.flatMap((step) => step.warnings.map(({ message }) => message)));
    for (const message of [...messages].slice(0, MAX_WARNINGS)) this.warning(message);
    if (messages.size > MAX_WARNINGS) this.warning(`and ${messages.size - MAX_WARNINGS} more`);
  }
}
