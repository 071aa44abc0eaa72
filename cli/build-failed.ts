import type { BuildFailure } from "../client/index.ts";

/** A step of a build failed: rendered with the step's own output and the lines that it comes from. */
export class BuildFailed extends Error {
  override readonly name = "BuildFailed";
  readonly failure: BuildFailure;

  constructor(failure: BuildFailure) {
    super(failure.message, { cause: failure.error });
    this.failure = failure;
  }
}
