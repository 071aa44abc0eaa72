/** What took effort to find out, noted for the commands that follow; and what of a file shows that a note of it is still true. */
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { writeWhole } from "../write-whole.ts";

/** Undefined for no note, or half of one: whoever needs it finds it out again. */
export function readNote(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

export function writeNote(file: string, note: object): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeWhole(file, JSON.stringify(note));
  } catch {
    // Without a note the next command finds it out again.
  }
}

/** Another text whenever the file is another one. Undefined for none. */
export function describeFile(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${file} ${stats.size} ${stats.mtimeMs} ${stats.ino}`;
}
