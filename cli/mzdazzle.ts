/**
 * The entry point of `mzdazzle`. What ends without an engine, such as a build of what is there already, ends in a small program; all
 * else goes on in one that has everything, whose loading alone would take longer than that. Both are kept compiled.
 */
import { fileURLToPath } from "node:url";
import { checkNode } from "./check-node.ts";
import { loadCompiled } from "./compiled-program.ts";
import { booleanOptions } from "./dazzle/boolean-options.ts";
import { mayOnlyAsk } from "./dazzle/may-only-ask.ts";
import { keptUse } from "./kept-use.ts";

checkNode();
const args = booleanOptions(process.argv.slice(2));
// Not awaited, which the CommonJS file that becomes of this can't do.
void run().then((exitCode) => {
  // Not process.exit at once: what was written to a pipe must arrive first.
  process.exitCode = exitCode;
});

async function run(): Promise<number> {
  const asked = mayOnlyAsk(args) ? await askOnly() : undefined;
  return asked ?? (await runWhole());
}

// The types say what bin/build makes of those files.

function askOnly(): Promise<number | undefined> {
  return (load("./mzdazzle-ask.cjs") as typeof import("./mzdazzle-ask.ts")).ask(args);
}

function runWhole(): Promise<number> {
  return (load("./mzdazzle-whole.cjs") as typeof import("./mzdazzle-whole.ts")).runWhole(args);
}

function load(program: string): unknown {
  return loadCompiled(fileURLToPath(new URL(program, import.meta.url)), keptUse(args));
}
