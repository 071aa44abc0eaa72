/** The part of mzdazzle that ends without an engine; loaded by `mzdazzle.ts`. */
import { askFirst } from "./dazzle/ask-first.ts";
import { processTerminal } from "./terminal.ts";

/** The exit code; undefined where the whole program has to go on. */
export function ask(args: readonly string[]): Promise<number | undefined> {
  return askFirst(processTerminal(), args);
}
