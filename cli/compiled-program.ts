/**
 * A bundled program with the code that V8 has compiled for it in an earlier run, which is kept beside it: compiling it anew would be a
 * good part of a short command's time. What later versions of Node do by themselves (`module.enableCompileCache`), and slower: a start
 * of `mzimage plan` takes some 80 ms less with this, 30 with that.
 */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Script } from "node:vm";
import { importModule } from "./import-module.ts";
import { writeWhole } from "./write-whole.ts";

const LONG_S = 10;

/**
 * What the CommonJS file exports. Whoever calls says what that is. Code that is kept has lost how to import; `import-module.ts` knows.
 * `use`, some letters, says what is asked of the program: what one use needs is kept, and found, apart from what another does.
 */
export function loadCompiled(program: string, use: string): unknown {
  const { source, identity } = readProgram(program);
  const compiled = `${program}.${identity}.${use}.v8`;
  const cachedData = readIfThere(compiled);
  const script = new Script(`(function (require, module, __filename, mzbuildImport) {${source}\n})`, {
    filename: program,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  if (script.cachedDataRejected !== false) process.once("exit", (code) => isWhole(code) && keep(script, compiled));
  const module = { exports: {} };
  script.runInThisContext()(createRequire(program), module, program, importModule);
  return module.exports;
}

/** The bundle is ASCII. V8 compares no more of a source than its length: the name of what is kept says which file it is of. */
function readProgram(path: string): { readonly source: string; readonly identity: string } {
  const file = openSync(path, "r");
  try {
    const { size, mtimeMs } = fstatSync(file);
    return {
      source: readFileSync(file, "latin1"),
      identity: `${size}-${Math.round(mtimeMs)}-${process.version}-${process.arch}`,
    };
  } finally {
    closeSync(file);
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined; // the first run
  }
}

/**
 * Whether V8 has now what such a run needs: one that failed may have ended early, and in a long one V8 drops what it hasn't used for a
 * while. (A flag would keep it from that, `--no-flush-bytecode`, but Node then compiles its own modules anew, at each start.)
 */
function isWhole(exitCode: number): boolean {
  return exitCode === 0 && process.uptime() < LONG_S;
}

/** By now it has what this run needed. Where nothing can be written, the next run compiles again. */
function keep(script: Script, path: string): void {
  try {
    writeWhole(path, script.createCachedData());
  } catch {
    // A help, and nothing more.
  }
}
