/**
 * The entry point of mzcompose with all that works with images: `bin/mzcompose` prefers it where the command is one that does, and
 * `mzcompose.ts` goes on with it.
 */
import { acquireForCompose } from "./compose/acquire.ts";
import { runMzcompose } from "./compose/program.ts";
import { openAt } from "./open-repository.ts";
import { processTerminal } from "./terminal.ts";

const images = { open: openAt, acquire: acquireForCompose };
// Not awaited, which the CommonJS file that becomes of this can't do.
void runMzcompose(processTerminal(), process.argv.slice(2), images).then((exitCode) => {
  // Not process.exit at once: what was written to a pipe must arrive first.
  process.exitCode = exitCode;
});
