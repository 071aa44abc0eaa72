// What `go test -v` prints of tests, and what the results of two frontends say about the second.

export type Verdict = "PASS" | "FAIL" | "SKIP";
export type Results = ReadonlyMap<string, Verdict>;

/** Results by a test's name, without what all names have in common. */
export function readResults(output: string): Results {
  const lines = output.matchAll(/^ *--- (PASS|FAIL|SKIP): TestIntegration\/(\S+)/gm);
  return new Map(
    [...lines].map(([, verdict, name]) => [
      (name ?? "").replace("/worker=oci/frontend=gateway", ""),
      verdict as Verdict,
    ]),
  );
}

export interface Comparison {
  /** One line for people. */
  readonly summary: string;
  /** Tests that the official frontend passes and this one does not. */
  readonly worse: readonly string[];
}

export function compareResults(official: Results, ours: Results): Comparison {
  const passed = [...official].filter(([, verdict]) => verdict === "PASS").map(([name]) => name);
  const worse = passed.filter((name) => ours.get(name) !== "PASS");
  const others = [...official.values()].filter((verdict) => verdict !== "PASS");
  const skipped = others.filter((verdict) => verdict === "SKIP").length;
  const summary =
    `${passed.length - worse.length} of the ${passed.length} tests and parts of tests that the official frontend passes here; ` +
    `it fails ${others.length - skipped} and skips ${skipped}`;
  return { summary, worse };
}
