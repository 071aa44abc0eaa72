/** Another try for what a registry or the network will have got over in a moment, and for nothing else. */
import { setTimeout as pause } from "node:timers/promises";

export interface RetryOptions {
  /** Milliseconds before the second try, the third, …: as many tries more. */
  readonly waitsMs: readonly number[];
  readonly isTransient: (error: unknown) => boolean;
  /** Told before each wait. */
  readonly onRetry: (error: unknown, waitMs: number) => void;
  readonly signal: AbortSignal;
  /** Default: waits that long. */
  readonly wait?: (waitMs: number, signal: AbortSignal) => Promise<unknown>;
}

/** The result of the first try that works; otherwise throws what the last one threw. */
export async function retried<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { waitsMs, isTransient, onRetry, signal, wait = (ms) => pause(ms, undefined, { signal }) } = options;
  for (const waitMs of waitsMs) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !isTransient(error)) throw error;
      onRetry(error, waitMs);
      await wait(waitMs, signal);
    }
  }
  return work();
}

/** Of a daemon's words about a registry: too many requests, the server's own troubles, a connection that broke. */
const transient =
  /\b(?:429|500|502|503|504)\b|too many requests|toomanyrequests|bad gateway|service unavailable|gateway timeout|internal server error|connection (?:reset|refused)|broken pipe|unexpected EOF|: EOF$|i\/o timeout|TLS handshake timeout|temporary failure/i;

/** Never for a refused login, an unknown name or a tag that may not be changed: those stay as they are. */
export function isTransientPush(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return transient.test(error.message) && !/\b(?:400|401|403|404|405)\b|denied|unauthorized/i.test(error.message);
}
