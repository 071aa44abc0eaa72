/** Chooses how progress is shown. */
import { PlainProgress } from "./plain.ts";
import type { FullProgressOptions, Progress, ProgressOptions } from "./progress.ts";
import { QuietProgress } from "./quiet.ts";
import { RawJsonProgress } from "./raw-json-progress.ts";
import { bracketLabel } from "./step-label.ts";
import { TtyProgress } from "./tty.ts";

/** The display of one build. Draws until `finish` is called, which also gives the cursor back. */
export function createProgress(options: ProgressOptions): Progress {
  const full: FullProgressOptions = {
    ...options,
    groupOf: options.groupOf ?? bracketLabel,
    every: options.every ?? timer,
  };
  switch (options.mode) {
    case "tty":
      return new TtyProgress(full);
    case "plain":
      return new PlainProgress(full);
    case "rawjson":
      return new RawJsonProgress(full);
    case "quiet":
      return new QuietProgress(full);
  }
}

function timer(periodMs: number, callback: () => void): () => void {
  const interval = setInterval(callback, periodMs);
  interval.unref();
  return () => clearInterval(interval);
}
