/**
 * The lint rules that the original applies while it reads instructions.
 * Behaviour and texts: moby/buildkit v0.33.0 frontend/dockerfile/instructions/parse.go and linter/ruleset.go.
 */
import type { LintFinding } from "../ast.ts";
import type { Instruction } from "../instruction.ts";
import type { Statement } from "../parser/statement.ts";
import { toLower, toUpper } from "../text/unicode.ts";
import { wordsOf } from "./context.ts";

const NONE: readonly LintFinding[] = [];
const NO_NAMES: readonly string[] = [];

/** What is found before the instruction is understood, so also when it has an error. */
export function findBeforeReading(statement: Statement): readonly LintFinding[] {
  switch (statement.name) {
    case "maintainer": {
      const message = "Maintainer instruction is deprecated in favor of using label";
      return [finding(statement, "MaintainerDeprecated", message)];
    }
    case "from":
    case "mzfrom":
      return [...findStageNameCasing(statement), ...findAsCasing(statement)];
    default:
      return NONE;
  }
}

/** What is found in an instruction without errors: a comment that looks like a description but is none. */
export function findInInstruction(statement: Statement, instruction: Instruction): readonly LintFinding[] {
  const last = statement.comments.at(-1);
  if (last === undefined) return NONE;
  const names = namesOf(instruction);
  if (names.length === 0) return NONE;
  const space = last.indexOf(" ");
  if (names.includes(space < 0 ? last : last.slice(0, space))) return NONE;
  const keyword = instruction.kind === "arg" ? "ARG" : statement.name.toUpperCase();
  const example = names.length > 1 ? "<arg_key>" : names[0];
  const message = `Comment for ${keyword} should follow the format: \`# ${example} <description>\``;
  return [finding(statement, "InvalidDefinitionDescription", message)];
}

function namesOf(instruction: Instruction): readonly string[] {
  switch (instruction.kind) {
    case "from":
      return instruction.name === undefined ? NO_NAMES : [toLower(instruction.name.text)];
    case "arg":
      return instruction.args.map((arg) => arg.key);
    default:
      return NO_NAMES;
  }
}

function findStageNameCasing(statement: Statement): readonly LintFinding[] {
  const [, , name, ...others] = wordsOf(statement);
  if (name === undefined || others.length > 0 || name.text === toLower(name.text)) return NONE;
  return [finding(statement, "StageNameCasing", `Stage name '${name.text}' should be lowercase`)];
}

/** A keyword of mixed case is another rule's business. */
function findAsCasing(statement: Statement): readonly LintFinding[] {
  const [, as, name] = wordsOf(statement);
  const from = statement.keyword.text;
  if (as === undefined || name === undefined) return NONE;
  const fits =
    from === toLower(from) ? as.text === toLower(as.text) : from !== toUpper(from) || as.text === toUpper(as.text);
  if (fits) return NONE;
  return [finding(statement, "FromAsCasing", `'${as.text}' and '${from}' keywords' casing do not match`)];
}

function finding(statement: Statement, rule: LintFinding["rule"], message: string): LintFinding {
  return { rule, message, lines: statement.lines, comments: statement.comments };
}
