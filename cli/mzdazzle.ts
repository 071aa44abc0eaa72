/**
 * The entry point of `mzdazzle`. What ends without an engine, such as a build of what is there already, ends in a small program, which is
 * kept compiled. All else goes on in one that has everything, whose loading alone would take longer than that.
 */
import { fileURLToPath } from "node:url";
import { loadCompiled } from "./compiled-program.ts";
import { booleanOptions } from "./dazzle/boolean-options.ts";
import { mayOnlyAsk } from "./dazzle/may-only-ask.ts";

const args = booleanOptions(process.argv.slice(2));
// Not process.exit at once: what was written to a pipe must arrive first.
process.exitCode = (mayOnlyAsk(args) ? await askOnly() : undefined) ?? (await runWhole());

function askOnly(): Promise<number | undefined> {
  const program = fileURLToPath(new URL("./mzdazzle-ask.cjs", import.meta.url));
  // What bin/build makes of that file.
  return (loadCompiled(program) as typeof import("./mzdazzle-ask.ts")).ask(args);
}

async function runWhole(): Promise<number> {
  // Not to be bundled with this one.
  const whole = new URL("./mzdazzle-whole.js", import.meta.url).href;
  const program: typeof import("./mzdazzle-whole.ts") = await import(whole);
  return program.runWhole(args);
}
