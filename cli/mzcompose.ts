/** The entry point of `mzcompose`: the only place, with `terminal.ts`, that touches the process. */
import { runMzcompose } from "./compose/program.ts";
import { processTerminal } from "./terminal.ts";

// Not process.exit at once: what was written to a pipe must arrive first.
process.exitCode = await runMzcompose(processTerminal(), process.argv.slice(2));
