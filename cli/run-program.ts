/** One run of a command line: parses the arguments, runs the command, tells of its failure. */
import { type Command, CommanderError } from "commander";
import { exitCodeOf } from "./errors/index.ts";
import { expandOptions } from "./expand-options.ts";
import type { GlobalOptions } from "./option-values.ts";
import { helpShown, type ProgramHooks } from "./program/base.ts";
import { optionTable } from "./program/option-table.ts";
import { reportFailure } from "./report-failure.ts";
import type { Terminal } from "./terminal.ts";

/** The exit code. Nothing is thrown: errors are told on standard error. */
export async function runProgram(
  terminal: Terminal,
  args: readonly string[],
  makeProgram: (terminal: Terminal, hooks: ProgramHooks) => Command,
): Promise<number> {
  let exitCode = 0;
  let root: string | undefined;
  const lastWork: (() => void)[] = [];
  const program = makeProgram(terminal, {
    exit: (code) => {
      exitCode = code;
    },
    onRoot: (path) => {
      root = path;
    },
    atEnd: (work) => lastWork.push(work),
  });
  try {
    await program.parseAsync([...expandOptions(optionTable(program, ["run"]), args)], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && helpShown.includes(error.code)) return exitCodeOf(error);
    return reportFailure(terminal, error, { debug: program.opts<GlobalOptions>().debug ?? false, root });
  } finally {
    for (const work of lastWork) work();
  }
}
