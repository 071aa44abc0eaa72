/**
 * Differential fuzzing against BuildKit's own frontend, where Go is. More of it:
 *
 *     MZBUILD_FUZZ_MUTANTS=100000 MZBUILD_FUZZ_SEED=1 npx vitest run --project integration dockerfile-fuzz
 *
 * Mutants with a difference are kept in the folder that MZBUILD_FUZZ_KEEP names.
 */
import { describe, expect, test } from "vitest";
import { fuzzDockerfiles } from "../fuzz/dockerfile-fuzz.ts";
import { buildOracle } from "../fuzz/oracle-process.ts";

const oracle = buildOracle();
if (oracle === undefined) console.log("skipped: without Go there is no frontend of BuildKit to compare ours with");

const { MZBUILD_FUZZ_MUTANTS: mutants = "3000", MZBUILD_FUZZ_SEED: seed = "7", MZBUILD_FUZZ_KEEP: keep } = process.env;
const slowestMsPerMutant = 100;

describe.skipIf(oracle === undefined)("our Dockerfile frontend", () => {
  const timeout = Number(mutants) * slowestMsPerMutant;

  test("answers mutants of the conformance cases as BuildKit's does", { timeout }, async () => {
    const options = { count: Number(mutants), seed: Number(seed), oracle: oracle ?? "" };
    const report = await fuzzDockerfiles(keep === undefined ? options : { ...options, keep });
    console.log(`dockerfile fuzz: ${report.mutants} mutants of seed ${seed}, ${report.builds} of them builds`);
    expect(report.builds).toBeGreaterThan(Number(mutants) / 6);
    expect(report.differences).toEqual([]);
  });
});
