import { describe, expect, test } from "vitest";
import { fuzzDockerfiles } from "../fuzz/dockerfile-fuzz.ts";
import { buildOracle } from "../fuzz/oracle-process.ts";

const oracle = buildOracle();
if (oracle === undefined) console.log("skipped: without Go there is no frontend of BuildKit to compare ours with");

describe.skipIf(oracle === undefined)("our Dockerfile frontend", () => {
  test("answers mutants of the conformance cases as BuildKit's does", { timeout: 300_000 }, async () => {
    const report = await fuzzDockerfiles({ count: 3000, seed: 7, oracle: oracle ?? "" });
    console.log(`dockerfile fuzz: ${report.mutants} mutants, ${report.builds} of them builds`);
    expect(report.builds).toBeGreaterThan(500);
    expect(report.differences).toEqual([]);
  });
});
