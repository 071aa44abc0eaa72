/**
 * The entry point of `mzcompose`, one small file: commands that do nothing with images end here, the others go on in a program that
 * has all of it. Half of a `mzcompose ps` would else be the loading of code that builds.
 */
import { fileURLToPath } from "node:url";
import { checkNode } from "./check-node.ts";
import { loadCompiled } from "./compiled-program.ts";
import { needsNoImages, runMzcompose } from "./compose/program.ts";
import { keptUse } from "./kept-use.ts";
import { processTerminal } from "./terminal.ts";

checkNode();
const args = process.argv.slice(2);
if (needsNoImages(args)) {
  // Not awaited, which the CommonJS file that becomes of this can't do.
  void runMzcompose(processTerminal(), args, undefined).then((exitCode) => {
    // Not process.exit at once: what was written to a pipe must arrive first.
    process.exitCode = exitCode;
  });
} else {
  loadCompiled(fileURLToPath(new URL("./mzcompose-images.cjs", import.meta.url)), keptUse(args));
}
