/** What a command shows its progress through, however it is shown. */
import type { ProgressEvent } from "../../client/index.ts";
import type { FailedStep } from "./failed-steps.ts";
import type { GroupOf } from "./step-label.ts";

export type ProgressMode = "tty" | "plain" | "rawjson" | "quiet";

/** How the build ended. */
export type Outcome = "done" | "failed" | "cancelled";

export interface Progress {
  /** Takes in what happened; to be given as `onProgress` of a solve. */
  event(event: ProgressEvent): void;
  /** A line that stays: which engine is used, what is set up. Quiet modes leave it out. */
  note(line: string): void;
  /** As `note`, for what may be wrong. */
  warning(message: string): void;
  /**
   * Shows how it ended, and gives the terminal back; then nothing more is drawn. Doesn't tell why a build failed: that is for
   * `renderFailure`, after this. May be called again, which does nothing. `failed`: where each image was worked on by itself, those
   * that failed; the others are done.
   */
  finish(outcome: Outcome, failed?: ReadonlySet<string>): void;
  /** The steps that failed by themselves, not because another one did; in the order in which they became known. */
  failedSteps(): readonly FailedStep[];
}

/** Where the text goes. */
export interface Output {
  write(text: string): unknown;
}

export interface ProgressOptions {
  readonly mode: ProgressMode;
  readonly out: Output;
  /** Whether to write colours. */
  readonly colour: boolean;
  /** The size of the terminal as of now; asked before each drawing. Only `tty` asks. */
  readonly columns: () => number;
  readonly rows: () => number;
  /** Default: `bracketLabel`. */
  readonly groupOf?: GroupOf | undefined;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back again and again until the returned function is called. Default: a timer that doesn't keep the process alive. */
  readonly every?: ((periodMs: number, callback: () => void) => () => void) | undefined;
}

/** {@link ProgressOptions} with the defaults in place. */
export type FullProgressOptions = { readonly [Key in keyof ProgressOptions]-?: NonNullable<ProgressOptions[Key]> };
