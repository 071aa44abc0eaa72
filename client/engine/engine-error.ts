/** The error of everything that stands between us and a running buildkitd. */

/** Stable and greppable; never reworded. */
export type EngineErrorCode =
  | "no-engine"
  | "engine-unreachable"
  | "engine-lost"
  | "engine-unsupported"
  | "engine-start-failed"
  | "missing-program"
  | "bad-engine-config"
  | "base-image-failed";

/** One way to an engine that was tried, and why it led nowhere. */
export interface Attempt {
  readonly what: string;
  readonly result: string;
  /** What would help, as a fragment of a sentence. */
  readonly hint?: string;
}

/** There is no daemon to be had, or not the one that was asked for. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: EngineErrorCode;
  /** What was tried, in order; empty where there was one way only. */
  readonly tried: readonly Attempt[];
  /** What to do next, as full sentences. */
  readonly hint: string | undefined;

  constructor(
    code: EngineErrorCode,
    message: string,
    details: { readonly tried?: readonly Attempt[]; readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.tried = details.tried ?? [];
    this.hint = details.hint;
  }
}
