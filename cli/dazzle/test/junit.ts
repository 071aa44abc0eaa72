/** Results of tests as JUnit's XML, which CI systems read. */
import type { TestResult } from "./run-test.ts";

export interface TestSuite {
  readonly name: string;
  readonly results: readonly TestResult[];
}

export function junitXml(suites: readonly TestSuite[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    ...suites.flatMap(suiteLines),
    "</testsuites>",
    "",
  ].join("\n");
}

function suiteLines({ name, results }: TestSuite): readonly string[] {
  const count = (kind: TestResult["kind"]): number => results.filter((result) => result.kind === kind).length;
  const counts = `tests="${results.length}" failures="${count("failed")}" errors="${count("error")}" skipped="${count("skipped")}"`;
  return [
    `  <testsuite name="${escaped(name)}" ${counts}>`,
    ...results.flatMap((result) => caseLines(name, result)),
    "  </testsuite>",
  ];
}

function caseLines(suite: string, result: TestResult): readonly string[] {
  const { spec, tookMs } = result;
  const open = `    <testcase classname="${escaped(suite)}" name="${escaped(spec.desc)}" time="${(tookMs / 1000).toFixed(3)}"`;
  switch (result.kind) {
    case "passed":
      return [`${open}/>`];
    case "skipped":
      return [`${open}>`, "      <skipped/>", "    </testcase>"];
    case "failed":
    case "error": {
      const tag = result.kind === "failed" ? "failure" : "error";
      const text = [result.message, ...result.details].join("\n");
      const output = (name: string, bytes: Uint8Array | undefined): readonly string[] =>
        bytes === undefined || bytes.length === 0
          ? []
          : [`      <${name}>${escaped(new TextDecoder().decode(bytes))}</${name}>`];
      return [
        `${open}>`,
        `      <${tag} message="${escaped(result.message)}">${escaped(text)}</${tag}>`,
        ...output("system-out", result.outcome?.stdout),
        ...output("system-err", result.outcome?.stderr),
        "    </testcase>",
      ];
    }
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
  "\n": "&#10;",
};

function escaped(text: string): string {
  // What XML can't have at all is left out.
  return text
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "")
    .replace(/[<>&"\n]/g, (character) => ENTITIES[character] ?? "");
}
