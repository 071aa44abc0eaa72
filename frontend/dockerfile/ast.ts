/**
 * The parsed Dockerfile: stages, global ARGs, directives, and what is wrong with the text.
 *
 * `parseDockerfile` (parse.ts) never throws: it gives a tree as good as the text allows, the one error that BuildKit
 * reports, and all errors for tools that check a file.
 */
import type { SourceRange } from "../../llb/index.ts";
import type { ArgInstruction, Command, FromInstruction, LineSpan } from "./instruction.ts";

/** `# name = value` at the top of the file. `value` is the whole text after "=". */
export interface Directive {
  readonly name: "syntax" | "escape" | "check";
  readonly value: string;
  /** The line, counted from 1 in the text as given (a shebang line counts). */
  readonly line: number;
}

/** A FROM and all that follows it up to the next one. */
export interface Stage {
  /** In lower case; undefined when the stage has no name. */
  readonly name: string | undefined;
  readonly from: FromInstruction;
  readonly commands: readonly Command[];
  /** The comment `# NAME text` above the FROM, or "". */
  readonly description: string;
}

export interface Dockerfile {
  readonly file: string;
  readonly escape: "\\" | "`";
  readonly metaArgs: readonly ArgInstruction[];
  readonly stages: readonly Stage[];
}

/** A mistake. `message` is BuildKit's, complete; `lines` are the places it marks; `range` is as narrow as we know it. */
export interface DockerfileError {
  readonly message: string;
  readonly lines: LineSpan;
  readonly range: SourceRange;
}

/** The lint rules that are found while reading the text; all others are the compiler's. */
export type ReadingRule =
  | "NoEmptyContinuation"
  | "MaintainerDeprecated"
  | "StageNameCasing"
  | "FromAsCasing"
  | "InvalidDefinitionDescription";

/** What a lint rule has to say. Whether it is reported is for the linter; `comments` may have a `check=` for this instruction. */
export interface LintFinding {
  readonly rule: ReadingRule;
  readonly message: string;
  readonly lines: LineSpan;
  readonly comments: readonly string[];
}

export interface ParseResult {
  /** Without the instructions that `errors` is about. */
  readonly dockerfile: Dockerfile;
  /** The error a build fails with: BuildKit stops at the first of the line syntax, and if there is none, at the first of an instruction. */
  readonly error: DockerfileError | undefined;
  /** All mistakes, in the order of the file; empty if and only if `error` is undefined. */
  readonly errors: readonly DockerfileError[];
  /** What the linter hears before the error, in its order; all of it when there is none. */
  readonly findings: readonly LintFinding[];
}
