import type { SourceRange } from "./source-range.ts";

/** What a {@link BuildError} carries besides its code and message. */
export interface BuildErrorDetails {
  /** The places that the error is about, most important first. */
  readonly at?: readonly SourceRange[];
  /** What to do about it, as a full sentence or a "did you mean …?". */
  readonly hint?: string;
  /** The error underneath, if there is one. */
  readonly cause?: unknown;
}

/**
 * An error that a person can act upon: what is wrong with this input, where, and what to do.
 *
 * `code` is stable and greppable ("unknown-image", "dependency-cycle"): lower case words joined by hyphens,
 * never reworded once released. Rendering is the business of `cli`; the gateway maps `at` to `pb.Source`.
 */
export class BuildError extends Error {
  override readonly name = "BuildError";
  readonly code: string;
  readonly at: readonly SourceRange[];
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: BuildErrorDetails = {}) {
    super(message.toWellFormed(), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.at = details.at ?? [];
    this.hint = details.hint;
  }
}
