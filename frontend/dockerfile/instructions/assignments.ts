/**
 * ARG, ENV and LABEL.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/parse.go.
 */
import type {
  ArgDefinition,
  ArgInstruction,
  EnvInstruction,
  InstructionBase,
  KeyValue,
  LabelInstruction,
} from "../instruction.ts";
import { rangeOf } from "../parser/logical-line.ts";
import type { Statement } from "../parser/statement.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { descriptionOf, needsOneArgument, pairsOf, wordsOf } from "./context.ts";
import { checkFlags } from "./flags.ts";

/** Flags are ignored, as the original does. */
export function readArg(statement: Statement, base: InstructionBase): ArgInstruction {
  const words = wordsOf(statement);
  if (words.length === 0) throw needsOneArgument("ARG");
  const args = words.map((word): ArgDefinition => {
    const equals = word.text.indexOf("=");
    const range = rangeOf(statement.line, word);
    if (equals === 0) throw blankName("ARG", range);
    const key = equals < 0 ? word.text : word.text.slice(0, equals);
    const value = equals < 0 ? undefined : word.text.slice(equals + 1);
    return { key, value, description: descriptionOf(base.comments, key), range };
  });
  return { kind: "arg", args, ...base };
}

export function readEnv(statement: Statement, base: InstructionBase): EnvInstruction {
  checkFlags(base.flags, {});
  return { kind: "env", env: readPairs(statement, "ENV"), ...base };
}

export function readLabel(statement: Statement, base: InstructionBase): LabelInstruction {
  checkFlags(base.flags, {});
  return { kind: "label", labels: readPairs(statement, "LABEL"), ...base };
}

function readPairs(statement: Statement, name: string): readonly KeyValue[] {
  const pairs = pairsOf(statement);
  if (pairs.length === 0) throw needsOneArgument(name);
  return pairs.map((pair) => {
    const { key, value, legacy } = pair;
    const range = rangeOf(statement.line, pair);
    if (key === "") throw blankName(name, range);
    return { key, value, legacy, range };
  });
}

function blankName(name: string, range: ArgDefinition["range"]): Error {
  return syntaxError(`${name} names can not be blank`, range);
}
