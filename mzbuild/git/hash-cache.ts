/**
 * A cache of file hashes, keyed by what `stat` says as git's index is: the second run reads only what has changed.
 *
 * A file can change again within the same tick of the file system's clock, and keep its size; then nothing of its stat data
 * tells. So hashes are only kept of files that had rested for a while when the run began (git calls the others "racily clean").
 * The cache is a convenience: one that is missing, damaged or can't be written changes nothing but the time.
 */
import { createHash, randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type FileHasher, fileHasher, type StatedFile } from "./hash-files.ts";
import { type FileState, type HashColumns, HashTable, NUMBERS, SHA1_BYTES } from "./hash-table.ts";
import type { HashAnswer } from "./hash-thread.ts";

export interface HashCacheOptions {
  /** The cache's file, absolute; its directory is made where it is missing. */
  readonly file: string;
  /** When the run began, in milliseconds since 1970. */
  readonly startedMs: number;
  /** What hashes files that aren't in the cache. Default: one that reads them. */
  readonly hasher?: FileHasher;
}

export interface HashCache extends FileHasher {
  /** Writes what is new, if anything is. To be called once, at the end. */
  save(): void;
}

/** Nothing is read before the first question. */
export function hashCache({ file, startedMs, hasher = fileHasher() }: HashCacheOptions): HashCache {
  let table: HashTable | undefined;
  let isNew = false;
  const keep = (known: HashTable, { path, state }: StatedFile, answer: HashAnswer): void => {
    if (typeof answer === "string" && hasRested(state, startedMs)) known.set(path, state, answer);
    else if (!known.delete(path)) return;
    isNew = true;
  };
  return {
    hash: async (files) => {
      table ??= load(file);
      const known = table;
      const answers: (HashAnswer | undefined)[] = files.map(({ path, state }) => known.get(path, state));
      const missing = files.filter((_, index) => answers[index] === undefined);
      const read = missing.length === 0 ? [] : await hasher.hash(missing);
      for (const [index, one] of missing.entries()) keep(known, one, read[index] ?? NOT_READ);
      let next = 0;
      return answers.map((answer) => answer ?? read[next++] ?? NOT_READ);
    },
    save: () => {
      if (table !== undefined && isNew) store(file, table.columns);
    },
  };
}

const NOT_READ = { code: "", message: "not read" } as const;

/** More than the coarsest clock of a file system in use, two seconds. */
const REST_MS = 3000;

function hasRested({ mtimeMs, ctimeMs }: FileState, startedMs: number): boolean {
  return Math.max(mtimeMs, ctimeMs) < startedMs - REST_MS;
}

// The file: a line that names the format, the SHA-1 of the rest, then the numbers of all entries, and their hashes. Numbers are of
// eight bytes, in this machine's order: nobody else reads them.
const MAGIC = Buffer.from("mzbuild hashes of files, 2\n\n");
const HEADER_BYTES = MAGIC.length + SHA1_BYTES;
const NUMBERS_BYTES = NUMBERS * Float64Array.BYTES_PER_ELEMENT;

function load(file: string): HashTable {
  try {
    return new HashTable(parse(readFileSync(file)));
  } catch {
    // Not there, or not to be read: then files are read instead.
    return new HashTable();
  }
}

function parse(content: Buffer): HashColumns | undefined {
  const body = content.subarray(HEADER_BYTES);
  const count = body.length / (NUMBERS_BYTES + SHA1_BYTES);
  if (!content.subarray(0, MAGIC.length).equals(MAGIC) || !Number.isInteger(count)) return undefined;
  const sumsAt = count * NUMBERS_BYTES;
  // A copy, since numbers have to be aligned.
  const numbers = new Float64Array(Uint8Array.from(body.subarray(0, sumsAt)).buffer);
  const columns = { numbers, sums: body.subarray(sumsAt) };
  return sumOf(columns).equals(content.subarray(MAGIC.length, HEADER_BYTES)) ? columns : undefined;
}

function store(file: string, columns: HashColumns): void {
  const temporary = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    write(temporary, [MAGIC, sumOf(columns), bytesOf(columns.numbers), columns.sums]);
    renameSync(temporary, file);
  } catch {
    // A read-only or full disk: the next run reads the files again.
    removeIfThere(temporary);
  }
}

function sumOf({ numbers, sums }: HashColumns): Buffer {
  return createHash("sha1").update(numbers).update(sums).digest();
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function write(file: string, parts: readonly Uint8Array[]): void {
  const out = openSync(file, "wx", 0o600);
  try {
    for (const part of parts) writeFileSync(out, part);
  } finally {
    closeSync(out);
  }
}

function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It was never written, then.
  }
}
