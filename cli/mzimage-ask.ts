/**
 * The entry point of `mzimage` for commands that only ask the repository, which `bin/mzimage` prefers where the command comes first.
 * All that it loads is what they need, as one small file: half of such a command's time would else be the loading of code
 * that builds.
 */
import type { Command } from "commander";
import { describe } from "./command/describe.ts";
import { fingerprint, spec } from "./command/fingerprint.ts";
import { list } from "./command/list.ts";
import type { GlobalOptions } from "./option-values.ts";
import { baseProgram, completeProgram, type ProgramHooks } from "./program/base.ts";
import { addQuestions } from "./program/questions.ts";
import { runProgram } from "./run-program.ts";
import { endWith, processTerminal, type Terminal } from "./terminal.ts";

function askProgram(terminal: Terminal, { exit: _exit, ...hooks }: ProgramHooks): Command {
  const program = baseProgram(terminal);
  const globals = (): GlobalOptions => ({ ...program.opts<GlobalOptions>(), ...hooks });
  addQuestions(program, terminal, globals, { list, fingerprint, spec, describe });
  completeProgram(program);
  return program;
}

const terminal = processTerminal();
// Not awaited, which the CommonJS file that becomes of this can't do.
void runProgram(terminal, process.argv.slice(2), askProgram).then((exitCode) => endWith(terminal, exitCode));
