/**
 * The entry point of `mzdazzle`, one small file: what ends without an engine, such as a build of what is there already, ends here. All
 * else goes on in a program that has everything, whose loading would take longer than that.
 */
import { askFirst, mayOnlyAsk } from "./dazzle/ask-first.ts";
import { booleanOptions } from "./dazzle/boolean-options.ts";
import { processTerminal } from "./terminal.ts";

const args = booleanOptions(process.argv.slice(2));
const asked = mayOnlyAsk(args) ? await askFirst(processTerminal(), args) : undefined;
// Not process.exit at once: what was written to a pipe must arrive first.
process.exitCode = asked ?? (await runWhole());

async function runWhole(): Promise<number> {
  // Not to be bundled with this one.
  const whole = new URL("./mzdazzle-whole.js", import.meta.url).href;
  const program: typeof import("./mzdazzle-whole.ts") = await import(whole);
  return program.runWhole(args);
}
