/**
 * Starts the program of the frontend image with the code that V8 compiled for it when the image was made: compiling it again
 * would be a good part of the time that a build takes of which everything is cached. V8 checks that the code is of its own
 * version and of this program, and compiles anew where it is not. `warm-up FILE` makes that code.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { Script } from "node:vm";

const program = "/program.cjs";
const compiled = "/program.v8";

const [command, file] = process.argv.slice(2);
// The bundle is ASCII, and holds no more than this of what modules have.
const source = `(function (require, module, exports) {${readFileSync(program, "latin1")}\n})`;
const cachedData = existsSync(compiled) ? readFileSync(compiled) : undefined;
const script = new Script(source, { filename: program, ...(cachedData === undefined ? {} : { cachedData }) });
if (command === "warm-up" && file !== undefined) {
  process.on("exit", () => writeFileSync(file, script.createCachedData()));
}
const module = { exports: {} };
script.runInThisContext()((name: string) => process.getBuiltinModule(name), module, module.exports);
