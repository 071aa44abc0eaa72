/** The entry point of `mzimage`: the only place, with `terminal.ts`, that touches the process. */
import { CommanderError } from "commander";
import { exitCodeOf } from "./errors/index.ts";
import { expandOptions } from "./expand-options.ts";
import type { GlobalOptions } from "./option-values.ts";
import { optionTable } from "./program/option-table.ts";
import { helpShown, mzimageProgram } from "./program.ts";
import { reportFailure } from "./report-failure.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

async function main(terminal: Terminal, args: readonly string[]): Promise<number> {
  let exitCode = 0;
  let root: string | undefined;
  const lastWork: (() => void)[] = [];
  const program = mzimageProgram(terminal, {
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

const exitCode = await main(processTerminal(), process.argv.slice(2));
// Not process.exit at once: what was written to a pipe must arrive first.
process.exitCode = exitCode;
