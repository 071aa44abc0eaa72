/**
 * A statement becomes an instruction.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/parse.go (ParseInstructionWithLinter).
 */
import type { Instruction, InstructionBase } from "../instruction.ts";
import { rangeOf } from "../parser/logical-line.ts";
import type { Statement } from "../parser/statement.ts";
import { suggest, withSuggestion } from "../text/suggest.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { readArg, readEnv, readLabel } from "./assignments.ts";
import { baseOf } from "./context.ts";
import { readAdd, readCopy } from "./copy.ts";
import { readFrom } from "./from.ts";
import { readHealthcheck } from "./healthcheck.ts";
import { readOnbuild } from "./onbuild.ts";
import { readCmd, readEntrypoint, readRun, readShell } from "./run.ts";
import { readExpose, readMaintainer, readStopsignal, readUser, readVolume, readWorkdir } from "./settings.ts";

const READERS: ReadonlyMap<string, (statement: Statement, base: InstructionBase) => Instruction> = new Map<
  string,
  (statement: Statement, base: InstructionBase) => Instruction
>([
  ["add", readAdd],
  ["arg", readArg],
  ["cmd", readCmd],
  ["copy", readCopy],
  ["entrypoint", readEntrypoint],
  ["env", readEnv],
  ["expose", readExpose],
  ["from", readFrom],
  ["healthcheck", readHealthcheck],
  ["label", readLabel],
  ["maintainer", readMaintainer],
  ["onbuild", readOnbuild],
  ["run", readRun],
  ["shell", readShell],
  ["stopsignal", readStopsignal],
  ["user", readUser],
  ["volume", readVolume],
  ["workdir", readWorkdir],
  ["mzfrom", readFrom],
]);

/** Ours is suggested only where the original suggests nothing, so that its messages stay as they are. */
const EXTENSION = "mzfrom";
const originalNames = [...READERS.keys()].filter((name) => name !== EXTENSION);

/** Throws `BuildError` with BuildKit's message. */
export function readInstruction(statement: Statement): Instruction {
  const read = READERS.get(statement.name);
  if (read === undefined) {
    const name = statement.keyword.text;
    // What could be meant for something else is told in the original's own words.
    const extensions = /^mz/i.test(name) ? [EXTENSION] : [];
    const suggestion = suggest(name, originalNames, false) ?? suggest(name, extensions, false);
    const message = withSuggestion(`unknown instruction: ${name}`, suggestion);
    throw syntaxError(message, rangeOf(statement.line, statement.keyword));
  }
  return read(statement, baseOf(statement));
}
