/** A file that an option names for what a command writes at its end. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** Absolute. Throws `UsageError` where it can't be written, to be asked before the work: `option` is named. */
export function outputFile({ cwd }: Pick<Terminal, "cwd">, option: string, file: string): string {
  const path = resolve(cwd, file);
  if (isDirectory(path)) throw new UsageError(`${option} ${file}: that is a directory`, "name a file");
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
  } catch {
    throw new UsageError(
      `${option} ${file}: no file can be written there`,
      "its directory has to be there, and be yours",
    );
  }
  return path;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Not there, or where we may not look.
    return false;
  }
}
