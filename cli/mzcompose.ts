/**
 * The entry point of `mzcompose`, one small file: commands that do nothing with images end here, the others go on in a program that
 * has all of it. Half of a `mzcompose ps` would else be the loading of code that builds.
 */
import { needsNoImages, runMzcompose } from "./compose/program.ts";
import { processTerminal } from "./terminal.ts";

const args = process.argv.slice(2);
if (needsNoImages(args)) {
  // Not process.exit at once: what was written to a pipe must arrive first.
  process.exitCode = await runMzcompose(processTerminal(), args, undefined);
} else {
  // Not to be bundled with this one.
  const whole = new URL("./mzcompose-images.js", import.meta.url).href;
  await import(whole);
}
