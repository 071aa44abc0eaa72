/**
 * Text of a Dockerfile → stages. The entry of the language half.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/parser and instructions (Parse).
 */
import { BuildError } from "../../llb/index.ts";
import type { Dockerfile, DockerfileError, LintFinding, ParseResult, Stage } from "./ast.ts";
import type { ArgInstruction, Command, FromInstruction, Instruction } from "./instruction.ts";
import { descriptionOf } from "./instructions/context.ts";
import { findBeforeReading, findInInstruction } from "./instructions/findings.ts";
import { readInstruction } from "./instructions/read-instruction.ts";
import { readStatements, textRange } from "./parser/read-statements.ts";
import type { Statement } from "./parser/statement.ts";
import { decodeText } from "./text/bytes.ts";
import { toLower } from "./text/unicode.ts";

/** Never throws. `file` is only for ranges. A string must come from `decodeText` if the file may be no UTF-8. */
export function parseDockerfile(source: string | Uint8Array, file = "Dockerfile"): ParseResult {
  const text = typeof source === "string" ? source : decodeText(source);
  const read = readStatements(text, file);
  const builder = newBuilder();
  for (const line of read.emptyContinuations) builder.findings.push(emptyContinuation(line));
  for (const statement of read.statements) addStatement(builder, statement);
  const { metaArgs, stages, errors } = builder;
  const dockerfile: Dockerfile = { file, escape: read.escape, metaArgs, stages };
  return {
    dockerfile,
    error: read.errors[0] ?? errors[0],
    errors: [...read.errors, ...errors].sort((a, b) => a.lines.first - b.lines.first),
    // With an error in the line syntax, the original doesn't get as far as to its linter.
    findings: read.errors.length > 0 ? [] : builder.findings,
  };
}

interface Builder {
  readonly metaArgs: ArgInstruction[];
  readonly stages: (Stage & { readonly commands: Command[] })[];
  readonly errors: DockerfileError[];
  readonly findings: LintFinding[];
  /** An instruction that needs a stage came before any; one error about it is enough. */
  stageMissed: boolean;
}

function newBuilder(): Builder {
  return { metaArgs: [], stages: [], errors: [], findings: [], stageMissed: false };
}

function addStatement(builder: Builder, statement: Statement): void {
  addFindings(builder, findBeforeReading(statement));
  let instruction: Instruction;
  try {
    instruction = readInstruction(statement);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const message = `dockerfile parse error on line ${statement.lines.first}: ${error.message}`;
    builder.errors.push({ message, lines: statement.lines, range: error.at[0] ?? textRange(statement.line) });
    return;
  }
  addFindings(builder, findInInstruction(statement, instruction));
  addInstruction(builder, instruction);
}

/** After the first error the original's linter hears nothing more. */
function addFindings(builder: Builder, findings: readonly LintFinding[]): void {
  if (builder.errors.length === 0) builder.findings.push(...findings);
}

function addInstruction(builder: Builder, instruction: Instruction): void {
  if (instruction.kind === "from") {
    builder.stages.push(newStage(instruction));
    return;
  }
  const stage = builder.stages.at(-1);
  if (stage !== undefined) {
    stage.commands.push(instruction);
  } else if (instruction.kind === "arg") {
    builder.metaArgs.push(instruction);
  } else if (!builder.stageMissed) {
    builder.stageMissed = true;
    const { lines, range } = instruction;
    builder.errors.push({ message: "no build stage in current context", lines, range });
  }
}

function newStage(from: FromInstruction): Stage & { readonly commands: Command[] } {
  const name = from.name === undefined ? undefined : toLower(from.name.text);
  return { name, from, commands: [], description: descriptionOf(from.comments, name ?? "") };
}

function emptyContinuation(line: number): LintFinding {
  const lines = { first: line, last: line };
  return { rule: "NoEmptyContinuation", message: "Empty continuation line", lines, comments: [] };
}
