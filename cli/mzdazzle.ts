/** The entry point of `mzdazzle`: the only place, with `terminal.ts`, that touches the process. */
import { booleanOptions } from "./dazzle/boolean-options.ts";
import { mzdazzleProgram } from "./dazzle/program.ts";
import { runProgram } from "./run-program.ts";
import { processTerminal } from "./terminal.ts";

const exitCode = await runProgram(processTerminal(), booleanOptions(process.argv.slice(2)), mzdazzleProgram);
// Not process.exit at once: what was written to a pipe must arrive first.
process.exitCode = exitCode;
