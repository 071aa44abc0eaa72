import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../../client/engine/command.ts";
import { testHost } from "./engine.ts";

const run = promisify(execFile);

/** Fills `directory` with programs of this machine, in /bin, and the shared libraries that they need: enough to run them in a container. */
export async function hostRootfs(directory: string, programs: readonly string[]): Promise<void> {
  for (const program of programs) {
    // Not by a shell, which would answer for those that it has built in.
    const source = findProgram(testHost(), program);
    if (source === undefined) throw new Error(`there is no ${program} on PATH`);
    await copy(source, join(directory, "bin", program));
    // "libc.so.6 => /lib/…/libc.so.6 (0x…)" or "/lib64/ld-linux-x86-64.so.2 (0x…)"
    const libraries = await run("ldd", [source]);
    for (const [, library = ""] of libraries.stdout.matchAll(/(\/\S+) \(0x/g))
      await copy(library, join(directory, library));
  }
  for (const name of ["dev", "proc", "sys", "tmp"]) await mkdir(join(directory, name), { recursive: true });
}

async function copy(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
  await chmod(target, 0o755);
}
