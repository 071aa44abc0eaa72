/** The entry point of `mzimage`: the only place, with `terminal.ts`, that touches the process. */
import { mzimageProgram } from "./program.ts";
import { runProgram } from "./run-program.ts";
import { processTerminal } from "./terminal.ts";

const exitCode = await runProgram(processTerminal(), process.argv.slice(2), mzimageProgram);
// Not process.exit at once: what was written to a pipe must arrive first.
process.exitCode = exitCode;
