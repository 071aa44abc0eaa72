/** Results of tests as lines for people. */
import type { TestSpec } from "../../../mzbuild/index.ts";
import { counted, duration, type Paint, plainLine } from "../../text/index.ts";
import type { TestResult } from "./run-test.ts";

/** Whether all passed, or were skipped. */
export function allPassed(results: readonly TestResult[]): boolean {
  return results.every(({ kind }) => kind === "passed" || kind === "skipped");
}

/** One line for each that passed, more for those that didn't. `name` is that of the chunk or combination. */
export function resultLines(name: string, results: readonly TestResult[], paint: Paint): readonly string[] {
  return results.flatMap((result) => linesOf(name, result, paint));
}

function linesOf(name: string, result: TestResult, paint: Paint): readonly string[] {
  const place = result.platform === undefined ? name : `${name} (${result.platform})`;
  const title = `${place}: ${plainLine(result.spec.desc || result.spec.command.join(" "))}`;
  switch (result.kind) {
    case "passed":
      return [`${paint("good", "passed")}  ${title} (${duration(result.tookMs)})`];
    case "skipped":
      return [`skipped ${title}`];
    case "failed":
    case "error":
      return [
        `${paint("bad", result.kind === "failed" ? "failed" : "error ")}  ${title} (${duration(result.tookMs)})`,
        ...placeLine(result.spec, result.assertion),
        ...result.message.split("\n").map((line) => `        ${line}`),
        ...result.details.map((line) => `          ${line}`),
        ...outputLines(result),
      ];
  }
}

/** `3 tests passed, 1 failed`. */
export function resultCount(results: readonly TestResult[]): string {
  const count = (kinds: readonly string[]): number => results.filter(({ kind }) => kinds.includes(kind)).length;
  const failed = count(["failed", "error"]);
  const skipped = count(["skipped"]);
  return [
    `${counted(count(["passed"]), "test")} passed`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
  ].join(", ");
}

function placeLine({ at, assertionsAt }: TestSpec, assertion: number | undefined): readonly string[] {
  const { file, start } = (assertion === undefined ? undefined : assertionsAt[assertion]) ?? at;
  return [`        --> ${file}:${start.line}`];
}

const SHOWN_LINES = 20;

function outputLines(result: Extract<TestResult, { kind: "failed" | "error" }>): readonly string[] {
  const { outcome } = result;
  if (outcome === undefined) return [];
  return [`          status ${outcome.status}`, ...shown("stdout", outcome.stdout), ...shown("stderr", outcome.stderr)];
}

function shown(name: string, bytes: Uint8Array): readonly string[] {
  const text = new TextDecoder().decode(bytes.subarray(Math.max(0, bytes.length - 64 * 1024))).trimEnd();
  if (text === "") return [];
  const lines = text.split("\n");
  const last = lines.slice(-SHOWN_LINES).map((line) => `          ${name} | ${plainLine(line)}`);
  const left = lines.length - SHOWN_LINES;
  return left > 0 ? [`          ${name} | … ${counted(left, "line")} before`, ...last] : last;
}
