/**
 * Why a build failed: the failed step's own output, the lines of the file that it comes from, and in one line what happened. Said
 * once, after everything else.
 *
 *     ------ billing-demo: [2/3] RUN cargo build
 *     error[E0425]: cannot find value `x` in this scope
 *     ------
 *     error: billing-demo: RUN cargo build: exit code 101
 *       --> billing-demo/Dockerfile:7
 *        |
 *      7 > RUN cargo build
 */
import type { BuildFailure, ErrorSource } from "../../client/index.ts";
import type { SourceRange } from "../../llb/index.ts";
import { readStepFailure, STEP_FAILURE_LINE, type StepFailure } from "../../mzbuild/index.ts";
import { codeFrames } from "../errors/index.ts";
import { colouredLine, counted, cut, type Paint, paintWith, plainLine } from "../text/index.ts";
import type { FailedStep } from "./failed-steps.ts";

export interface RenderFailureOptions {
  readonly colour: boolean;
  /** Width of the terminal, for source lines and headings; the output stays as it is. Default: 100. */
  readonly columns?: number | undefined;
  /** How many lines of output to show, from the end. Where they were shown already, a few will do. Default: 500. */
  readonly maxLines?: number | undefined;
}

/** As much of a failed build as is told: everything of a `BuildFailure` that is for people. */
export type FailureCause = Pick<BuildFailure, "message" | "vertex" | "exitCode" | "sources">;

const DEFAULT_MAX_LINES = 500;
const MAX_OUTPUT_LENGTH = 64 * 1024;

/**
 * The text, several lines, each ended by a line feed. `steps` are all that failed (`Progress.failedSteps`), be it that
 * the build went on: the one that the failure is about comes last, next to the reason.
 */
export function renderFailure(
  failure: FailureCause,
  steps: readonly FailedStep[],
  options: RenderFailureOptions,
): string {
  const paint = paintWith(options.colour);
  const blamed =
    steps.find(({ digest }) => digest === failure.vertex) ?? steps.find(({ error }) => failure.message.endsWith(error));
  const ordered = [...steps.filter((step) => step !== blamed), ...(blamed === undefined ? [] : [blamed])];
  const own = blamed?.image === "cargo" ? readStepFailure(blamed.output) : undefined;
  const sources = own === undefined ? failure.sources : sourcesOf(own, failure.sources);
  const hints = own === undefined ? advice(exitCodeOfStep(failure, blamed), blamed) : [own.help ?? []].flat();
  const lines = [
    ...ordered.flatMap((step) => outputLines(step, options, paint)),
    `${paint("bad", "error:")} ${paint("strong", own?.message ?? reason(failure, blamed, options.columns ?? 100))}`,
    ...sources.slice(0, 1).flatMap((source) => sourceLines(source, options.columns ?? 100, paint)),
    ...hints.map((hint) => `  ${paint("accent", "=")} ${hint}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** The places of the names that the message has, the last name first. What doesn't compile is in none, unless it is a program. */
function sourcesOf({ code, names }: StepFailure, sources: readonly ErrorSource[]): readonly ErrorSource[] {
  for (const name of names.toReversed()) {
    const found = sources.flatMap((source) => {
      const ranges = source.ranges.filter((range) => textAt(source, range).replace(/^(["'])(.*)\1$/, "$2") === name);
      return ranges.length === 0 ? [] : [{ ...source, ranges }];
    });
    if (found.length > 0) return found;
  }
  return code === "cargo-failed" ? [] : sources;
}

/** Of a range within a line. */
function textAt({ text }: ErrorSource, { start, end }: ErrorSource["ranges"][number]): string {
  return text.split(/\r\n|\n|\r/)[start.line - 1]?.slice(start.character, end.character) ?? "";
}

function outputLines(
  step: FailedStep,
  { colour, columns = 100, maxLines = DEFAULT_MAX_LINES }: RenderFailureOptions,
  paint: Paint,
): string[] {
  const said = step.image === "cargo" ? step.output.filter((line) => !STEP_FAILURE_LINE.test(line)) : step.output;
  const output = lastLines(said, maxLines);
  if (output.length === 0) return [];
  const left = step.missingLines + said.length - output.length;
  return [
    cut(`------ ${titleOf(step)}`, columns),
    ...(left > 0 ? [paint("faint", `[${counted(left, "earlier line")}]`)] : []),
    ...output.map(colour ? colouredLine : plainLine),
    "------",
  ];
}

/** The last lines, at most `count` and not more text than anyone reads. */
function lastLines(lines: readonly string[], count: number): readonly string[] {
  let length = 0;
  const kept = lines.slice(-count);
  const from = kept.findLastIndex((line) => {
    length += line.length + 1;
    return length > MAX_OUTPUT_LENGTH;
  });
  return kept.slice(from + 1);
}

function titleOf({ image, step }: FailedStep): string {
  const text = plainLine(step.replaceAll(/\s+/g, " "));
  return image === undefined ? text : `${image}: ${text}`;
}

function reason(failure: FailureCause, step: FailedStep | undefined, columns: number): string {
  const exitCode = exitCodeOfStep(failure, step);
  if (step === undefined) return failure.message.replace(/^failed to solve: /, "");
  if (exitCode === undefined) return `${cut(titleOf(step), columns)}: ${step.error.replace(CHECKSUM_OF_RESULT, "")}`;
  return `${cut(titleOf(step), Math.max(20, columns - 30))}: exit code ${exitCode}`;
}

/** From the daemon's words where it doesn't say it as a number. */
function exitCodeOfStep({ exitCode }: FailureCause, step: FailedStep | undefined): number | undefined {
  const said = /did not complete successfully: exit code: (\d+)/.exec(step?.error ?? "")?.[1];
  return exitCode ?? (said === undefined ? undefined : Number(said));
}

function sourceLines({ filename, text, ranges }: ErrorSource, columns: number, paint: Paint): string[] {
  const at = ranges.map(({ start, end }): SourceRange => {
    // BuildKit counts characters from 0, and leaves them at that where it means whole lines.
    const whole = start.character === 0 && end.character === 0;
    return {
      file: filename,
      start: { line: start.line, column: start.character + 1 },
      end: whole
        ? { line: Math.max(start.line, end.line) + 1, column: 1 }
        : { line: Math.max(start.line, end.line), column: end.character + 1 },
    };
  });
  return codeFrames(at, { readSource: () => text, columns, paint });
}

/** What the daemon says before a path that isn't there: a result by an id that it has made up. */
const CHECKSUM_OF_RESULT = /^failed to calculate checksum of ref \S+: /;

/** What a program ends with that was made for another processor. */
export const FOREIGN_PROCESSOR = /: exec format error$/;

export const foreignProcessorAdvice =
  "this engine can't run programs of that processor: docker run --privileged tonistiigi/binfmt --install all, or qemu-user-static, teaches it";

function advice(exitCode: number | undefined, step: FailedStep | undefined): string[] {
  const { error = "", output = [], step: text = "" } = step ?? {};
  const secret = /^secret (\S+): not found$/.exec(error)?.[1];
  if (secret !== undefined) return [`give it: --secret id=${secret},src=FILE or --secret id=${secret},env=VARIABLE`];
  if (/^failed to calculate checksum of ref .*: not found$/.test(error) && !text.includes("--from=")) {
    return [
      "the context is the image's directory without what git or .dockerignore ignores, and what its pre-images bring",
    ];
  }
  if (output.some((line) => FOREIGN_PROCESSOR.test(line.trimEnd()))) return [foreignProcessorAdvice];
  if (exitCode === 137) return ["it was killed (signal 9), most often for want of memory"];
  if (exitCode === 127) return ["the shell has not found a command"];
  return [];
}
