import type { TestResult } from "./run-test.ts";

/** Tests of a chunk or a combination didn't pass. */
export class TestsFailed extends Error {
  override readonly name = "TestsFailed";
  readonly results: readonly TestResult[];
  readonly hint: string | undefined;

  constructor(message: string, results: readonly TestResult[], hint?: string) {
    super(message);
    this.results = results;
    this.hint = hint;
  }
}
