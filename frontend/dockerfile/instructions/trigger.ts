/**
 * The triggers of ONBUILD, read when an image that has them is built upon.
 * Behaviour: moby/buildkit v0.33.0 dockerfile2llb/convert.go (initOnBuildTriggers).
 */
import type { Command } from "../instruction.ts";
import { readStatements } from "../parser/read-statements.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { readInstruction } from "./read-instruction.ts";

/**
 * The instruction of a trigger. Its lines and ranges are within the trigger's own text, which is called `file`; for the
 * original it stands on the lines of the FROM that inherits it. Throws `BuildError`.
 */
export function parseTrigger(expression: string, file = "ONBUILD"): Command {
  const { statements, errors } = readStatements(expression, file);
  const [statement, ...others] = statements;
  const error = errors[0];
  if (error !== undefined) throw syntaxError(error.message, error.range);
  if (statement === undefined || others.length > 0) throw syntaxError("onbuild trigger should be a single expression");
  const instruction = readInstruction(statement);
  if (instruction.kind === "from") throw syntaxError("*instructions.Stage is not a command type");
  return instruction;
}
