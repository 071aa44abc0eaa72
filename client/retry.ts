/** Another try for what a registry or the network will have got over in a moment, and for nothing else. */
import { setTimeout as pause } from "node:timers/promises";

export interface RetryOptions {
  /** Milliseconds before the second try, the third, …: as many tries more. */
  readonly waitsMs: readonly number[];
  readonly isTransient: (error: unknown) => boolean;
  /** Told before each wait. */
  readonly onRetry: (error: unknown, waitMs: number) => void;
  readonly signal: AbortSignal;
  /** The least wait that the other side asks for, in milliseconds. Default: none. */
  readonly askedWaitMs?: (error: unknown) => number;
  /** Default: waits that long. */
  readonly wait?: (waitMs: number, signal: AbortSignal) => Promise<unknown>;
}

/** The result of the first try that works; otherwise throws what the last one threw. */
export async function retried<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { waitsMs, isTransient, onRetry, signal, wait = (ms) => pause(ms, undefined, { signal }) } = options;
  for (const planned of waitsMs) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !isTransient(error)) throw error;
      const waitMs = Math.max(planned, options.askedWaitMs?.(error) ?? 0);
      onRetry(error, waitMs);
      await wait(waitMs, signal);
    }
  }
  return work();
}
