/** Plays events to a display on a clock that follows the events, so that a test needs no time and always sees the same. */

import { createProgress, type Progress, type ProgressMode } from "../../../cli/progress/index.ts";
import type { ProgressEvent } from "../../../client/index.ts";
import { timeOf } from "./recording.ts";

export interface Playback {
  readonly progress: Progress;
  /** Plays events until one later than `untilMs` after the first; timers run in between. */
  play(events: readonly ProgressEvent[], untilMs?: number): void;
  /** Lets time pass. */
  wait(ms: number): void;
  /** What was written. */
  text(): string;
}

export interface PlaybackOptions {
  readonly mode: ProgressMode;
  readonly colour?: boolean;
  readonly out?: { write(text: string): void };
  readonly columns?: () => number;
  readonly rows?: () => number;
}

export function playback({
  mode,
  colour = false,
  out,
  columns = () => 80,
  rows = () => 24,
}: PlaybackOptions): Playback {
  let nowMs = 0;
  let written = "";
  let timer: { readonly periodMs: number; readonly callback: () => void; dueMs: number } | undefined;
  const progress = createProgress({
    mode,
    colour,
    columns,
    rows,
    out: {
      write: (text) => {
        written += text;
        out?.write(text);
      },
    },
    now: () => nowMs,
    every: (periodMs, callback) => {
      timer = { periodMs, callback, dueMs: periodMs };
      return () => {
        timer = undefined;
      };
    },
  });

  function passTo(ms: number): void {
    while (timer !== undefined && timer.dueMs <= ms) {
      nowMs = Math.max(nowMs, timer.dueMs);
      timer.dueMs += timer.periodMs;
      timer.callback();
    }
    nowMs = Math.max(nowMs, ms);
  }

  let firstMs: number | undefined;
  return {
    progress,
    play(events, untilMs = Number.POSITIVE_INFINITY) {
      for (const event of events) {
        const timeMs = timeOf(event);
        firstMs ??= timeMs;
        if (timeMs !== undefined && firstMs !== undefined) {
          if (timeMs - firstMs > untilMs) return passTo(untilMs);
          passTo(timeMs - firstMs);
        }
        progress.event(event);
      }
    },
    wait: (ms) => passTo(nowMs + ms),
    text: () => written,
  };
}
