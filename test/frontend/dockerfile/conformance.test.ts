/**
 * Every conformance case: the answers of BuildKit's own frontend, recorded by test/oracle. The format is described in
 * test/testdata/conformance/README.md. `cases` came first; `found` has what fuzzing found.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type CaseAnswer, type CaseSource, type CaseWarning, dumpCase } from "../../../cli/llb-dump/dump-case.ts";

const root = join(import.meta.dirname, "../../testdata/conformance");
const names = ["cases", "found"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .sort()
    .map((name) => join(folder, name)),
);

interface GoldenOp {
  readonly digest: string;
  readonly metadata?: unknown;
  readonly locations?: readonly string[];
}

interface Golden {
  readonly digests?: readonly string[];
  readonly builds?: readonly {
    readonly platform?: string;
    readonly digests: readonly string[];
    readonly ops: readonly GoldenOp[];
    readonly source?: readonly CaseSource[];
  }[];
  readonly result?: Readonly<Record<string, string>>;
  readonly warnings?: readonly CaseWarning[];
  readonly error?: { readonly message: string; readonly range?: readonly string[] };
}

let passed = 0;
const counts = { failures: 0, builds: 0, ops: 0, warnings: 0 };

describe("the conformance cases", () => {
  test.each(names)("%s has the answer of BuildKit's frontend", async (name) => {
    const golden = JSON.parse(readFileSync(join(root, name, "golden.json"), "utf8")) as Golden;
    const answer = await dumpCase(join(root, name));
    expect(answer.error).toEqual(golden.error);
    expect(answer.warnings ?? []).toEqual(golden.warnings ?? []);
    counts.warnings += golden.warnings?.length ?? 0;
    if (golden.error === undefined) compareResult(answer, golden);
    else counts.failures++;
    passed++;
  });

  afterAll(() => {
    const { failures, builds, ops, warnings } = counts;
    console.log(
      `conformance: ${passed} of ${names.length} cases equal (${builds} builds, ${ops} ops, ${failures} failures, ${warnings} warnings)`,
    );
  });
});

function compareResult(answer: CaseAnswer, golden: Golden): void {
  const { builds = [] } = golden;
  expect(answer.digests).toEqual(golden.digests);
  if (golden.digests === undefined) {
    const expected = builds.map(({ platform, digests }) => ({ platform, digests }));
    expect(answer.builds ?? []).toEqual(expected);
  }
  expect(answer.result).toEqual(golden.result);
  expect(answer.sources ?? []).toEqual(builds.map(({ source }) => source ?? []));
  const ops = builds.flatMap((build) => build.ops);
  // The same op of several platforms is there once, as the last of them has it.
  const metadata = Object.fromEntries(ops.map(({ digest, metadata: entry }) => [digest, entry ?? {}]));
  expect(answer.metadata ?? {}).toEqual(metadata);
  const located = (locations: CaseAnswer["locations"]) =>
    Object.fromEntries(Object.entries(locations ?? {}).filter(([, ranges]) => ranges.length > 0));
  const expected = Object.fromEntries(ops.map(({ digest, locations }) => [digest, locations ?? []]));
  expect(located(answer.locations)).toEqual(located(expected));
  counts.builds += builds.length;
  counts.ops += ops.length;
}
