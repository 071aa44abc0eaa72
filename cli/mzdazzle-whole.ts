/** mzdazzle with all that builds and tests; started by `mzdazzle.ts`. */
import type { LoadEngineSide } from "./dazzle/engine-side.ts";
import { mzdazzleProgram } from "./dazzle/program.ts";
import { runProgram } from "./run-program.ts";
import { processTerminal } from "./terminal.ts";

/** The exit code. Nothing is thrown: errors are told on standard error. */
export function runWhole(args: readonly string[]): Promise<number> {
  const engineSide: LoadEngineSide = () => import("./dazzle/engine-side.ts");
  return runProgram(processTerminal(), args, (terminal) => mzdazzleProgram(terminal, engineSide));
}
