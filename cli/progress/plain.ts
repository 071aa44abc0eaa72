/**
 * Progress as lines that are written once, for logs and CI. The form is that of `docker buildx build --progress=plain`, which people
 * and programs know: `#N name`, output with seconds in front, `DONE`, `CACHED`, `ERROR`; a blank line and `#N ...` where it turns from
 * one step to another. Source: moby/buildkit v0.33.0: util/progress/progressui/printer.go.
 *
 * What differs: which of several running steps is followed is decided by waiting time alone; of a line that is written anew
 * again and again (a progress bar) one a second is shown; a source that isn't there is `NOT FOUND`, which is no error yet; and it ends with a line for each image.
 */
import type { ProgressEvent } from "../../client/index.ts";
import { paintWith } from "../text/index.ts";
import { type FailedStep, failedSteps } from "./failed-steps.ts";
import type { FullProgressOptions, Outcome, Progress } from "./progress.ts";
import { newLines, nothingSaid, type Said } from "./step-lines.ts";
import { summary } from "./summary.ts";
import { endMs, forgetOutput, isOver, type Step, Trace } from "./trace.ts";

const WRITE_EVERY_MS = 100;
/** The running step that is followed is left for another one when it was silent for this long… */
const SILENCE_MS = 5_000;
/** …or when the other one has waited for this long. */
const PATIENCE_MS = 10_000;
/** More than the daemon lets a step print (2 MiB), so that nothing is lost while a step waits for its turn. */
const MAX_LOG_LENGTH = 4 * 1024 * 1024;
/** All of a failed step's output was written; so much of it is worth saying again, next to the reason. */
const MAX_REPEATED_LINES = 20;

export class PlainProgress implements Progress {
  readonly #options: FullProgressOptions;
  readonly #trace: Trace;
  readonly #said = new Map<Step, Said>();
  /** Steps of which there is something to say, and since when, by our clock. */
  readonly #changed = new Map<Step, number>();
  #followed: Step | undefined;
  #spokeMs = 0;
  #writtenMs = Number.NEGATIVE_INFINITY;
  #empty = true;
  readonly #stop: () => void;
  #finished = false;

  constructor(options: FullProgressOptions) {
    this.#options = options;
    this.#trace = new Trace({ ...options, log: { maxLength: MAX_LOG_LENGTH, keepRewritesEveryMs: 1000 } });
    this.#stop = options.every(WRITE_EVERY_MS, () => this.#write());
  }

  event(event: ProgressEvent): void {
    if (this.#finished) return;
    const step = this.#trace.update(event);
    if (step === undefined) return;
    const nowMs = this.#options.now();
    if (!this.#changed.has(step)) this.#changed.set(step, nowMs);
    if (nowMs - this.#writtenMs >= WRITE_EVERY_MS) this.#write();
  }

  note(line: string): void {
    this.#interrupt();
    this.#options.out.write(`${line}\n`);
  }

  warning(message: string): void {
    this.note(`${paintWith(this.#options.colour)("caution", "warning:")} ${message}`);
  }

  finish(outcome: Outcome, failed?: ReadonlySet<string>): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#stop();
    for (const step of this.#trace.steps) step.log.flush();
    this.#write();
    for (const step of this.#speakable()) this.#tell(step);
    const lines = summary(this.#trace, outcome, paintWith(this.#options.colour), failed);
    if (lines.length > 0) this.note(lines.join("\n"));
  }

  failedSteps(): readonly FailedStep[] {
    return failedSteps(this.#trace.steps, MAX_REPEATED_LINES);
  }

  /** Says what there is to say of steps that are over and of the one that is followed, and turns to another one if it's time. */
  #write(): void {
    const nowMs = this.#options.now();
    this.#writtenMs = nowMs;
    const steps = this.#speakable();
    const over = steps.filter(isOver).sort((a, b) => endMs(a) - endMs(b));
    const running = steps.filter((step) => !isOver(step));
    for (const step of [...over, ...running].filter((step) => step === this.#followed)) this.#tell(step);
    for (const step of over) this.#tell(step);
    const waiting = running
      .map((step) => ({ step, sinceMs: this.#changed.get(step) }))
      .filter(({ sinceMs }) => sinceMs !== undefined)
      .sort((a, b) => (a.sinceMs ?? 0) - (b.sinceMs ?? 0))[0];
    if (waiting === undefined) return;
    const silent = this.#followed === undefined || nowMs - this.#spokeMs > SILENCE_MS;
    if (silent || nowMs - (waiting.sinceMs ?? nowMs) > PATIENCE_MS) this.#tell(waiting.step);
  }

  #speakable(): Step[] {
    return [...this.#changed.keys()].filter((step) => !step.hidden && step.state !== "waiting");
  }

  #tell(step: Step): void {
    if (!this.#changed.delete(step)) return;
    const said = this.#said.get(step) ?? nothingSaid(this.#said.size + 1);
    this.#said.set(step, said);
    const { colour, now, out } = this.#options;
    const lines = newLines(step, said, paintWith(colour), { colour, nowMs: this.#trace.daemonNowMs });
    forgetOutput(step);
    if (lines.length === 0 && (step === this.#followed || isOver(step))) return;
    this.#spokeMs = now();
    if (step !== this.#followed) {
      this.#interrupt();
      out.write(`#${said.number} ${step.name}\n`);
    }
    out.write(lines.map((line) => `#${said.number} ${line}\n`).join(""));
    this.#followed = isOver(step) ? undefined : step;
  }

  /** Makes room for something that doesn't belong to the step that is followed. */
  #interrupt(): void {
    const { out } = this.#options;
    if (this.#followed !== undefined) out.write(`#${this.#said.get(this.#followed)?.number} ...\n`);
    if (!this.#empty) out.write("\n");
    this.#empty = false;
    this.#followed = undefined;
  }
}
