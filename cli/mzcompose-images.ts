/** mzcompose with all that works with images; started by `mzcompose.ts`. */
import { acquireForCompose } from "./compose/acquire.ts";
import { runMzcompose } from "./compose/program.ts";
import { openAt } from "./open-repository.ts";
import { processTerminal } from "./terminal.ts";

/** The exit code. Nothing is thrown: errors are told on standard error. */
export function runWithImages(args: readonly string[]): Promise<number> {
  return runMzcompose(processTerminal(), args, { open: openAt, acquire: acquireForCompose });
}
