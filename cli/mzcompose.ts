/**
 * The entry point of `mzcompose`, one small file: commands that do nothing with images end here, the others go on in a program that
 * has all of it. Half of a `mzcompose ps` would else be the loading of code that builds.
 */
import { needsNoImages, runMzcompose } from "./compose/program.ts";
import { processTerminal } from "./terminal.ts";

const args = process.argv.slice(2);
if (needsNoImages(args)) {
  // Not awaited, which the CommonJS file that becomes of this can't do.
  void runMzcompose(processTerminal(), args, undefined).then((exitCode) => {
    // Not process.exit at once: what was written to a pipe must arrive first.
    process.exitCode = exitCode;
  });
} else {
  // Not to be bundled with this one.
  void import(new URL("./mzcompose-images.js", import.meta.url).href);
}
