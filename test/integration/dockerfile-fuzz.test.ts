/**
 * Differential fuzzing against BuildKit's own frontend, where Go is. More of it:
 *
 *     MZBUILD_FUZZ_MUTANTS=100000 MZBUILD_FUZZ_SEED=1 npx vitest run --project integration dockerfile-fuzz
 *
 * Mutants with a difference are kept in the folder that MZBUILD_FUZZ_KEEP names. The files in the folder that MZBUILD_FUZZ_CORPUS
 * names are taken for Dockerfiles, compared as they stand, with several requests for each, and mutated as well.
 */
import { describe, expect, test } from "vitest";
import { fuzzDockerfiles } from "../fuzz/dockerfile-fuzz.ts";
import { buildOracle } from "../fuzz/oracle-process.ts";

const oracle = buildOracle();
if (oracle === undefined) console.log("skipped: without Go there is no frontend of BuildKit to compare ours with");

const { MZBUILD_FUZZ_MUTANTS: mutants = "3000", MZBUILD_FUZZ_SEED: seed = "7" } = process.env;
const { MZBUILD_FUZZ_KEEP: keep, MZBUILD_FUZZ_CORPUS: corpus } = process.env;
const slowestMsPerMutant = 100;
const requestsPerFile = 8;

describe.skipIf(oracle === undefined)("our Dockerfile frontend", () => {
  const timeout = Number(mutants) * slowestMsPerMutant;
  const options = {
    count: Number(mutants),
    seed: Number(seed),
    oracle: oracle ?? "",
    ...(keep === undefined ? {} : { keep }),
    ...(corpus === undefined ? {} : { corpus }),
  };

  test("answers mutants of the conformance cases as BuildKit's does", { timeout }, async () => {
    const report = await fuzzDockerfiles(options);
    console.log(`dockerfile fuzz: ${report.mutants} mutants of seed ${seed}, ${report.builds} of them builds`);
    expect(report.builds).toBeGreaterThan(Number(mutants) / 6);
    expect(report.differences).toEqual([]);
  });

  if (corpus === undefined) return;
  test("answers the Dockerfiles of a folder as BuildKit's does", { timeout: 3_600_000 }, async () => {
    const report = await fuzzDockerfiles({ ...options, variations: requestsPerFile });
    console.log(
      `dockerfile corpus: ${report.mutants} requests for the files of ${corpus}, ${report.builds} of them builds`,
    );
    expect(report.differences).toEqual([]);
  });
});
