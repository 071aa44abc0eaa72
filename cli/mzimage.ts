/** The entry point of `mzimage`: the only place, with `terminal.ts`, that touches the process. */
import { mzimageProgram } from "./program.ts";
import { runProgram } from "./run-program.ts";
import { endWith, processTerminal } from "./terminal.ts";

const terminal = processTerminal();
// Not awaited, which the CommonJS file that becomes of this can't do.
void runProgram(terminal, process.argv.slice(2), mzimageProgram).then((exitCode) => endWith(terminal, exitCode));
