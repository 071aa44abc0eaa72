import { expect, test } from "vitest";
import { compareResults, readResults } from "./results.ts";

const output = (verdicts: Readonly<Record<string, string>>) =>
  Object.entries(verdicts)
    .map(([name, verdict]) => `    --- ${verdict}: TestIntegration/${name}/worker=oci/frontend=gateway (1.50s)\n`)
    .join("");

test("a frontend is measured by what the official one passes", () => {
  const official = readResults(output({ TestA: "PASS", TestB: "PASS", TestC: "FAIL", TestD: "SKIP", TestE: "PASS" }));
  const ours = readResults(output({ TestA: "PASS", TestB: "FAIL", TestC: "FAIL", TestD: "SKIP" }));
  expect(compareResults(official, ours)).toEqual({
    summary: "1 of the 3 tests and parts of tests that the official frontend passes here; it fails 1 and skips 1",
    worse: ["TestB", "TestE"],
  });
});

test("parts of a test count, its summary does not", () => {
  const text = `--- FAIL: TestIntegration (0.13s)\n    ${output({ TestA: "FAIL" })}        --- PASS: TestIntegration/TestA/worker=oci/frontend=gateway/part#01 (0.1s)\n`;
  expect([...readResults(text)]).toEqual([
    ["TestA", "FAIL"],
    ["TestA/part#01", "PASS"],
  ]);
});
