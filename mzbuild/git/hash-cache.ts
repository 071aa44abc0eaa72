/**
 * A cache of file hashes, keyed by what `stat` says as git's index is: the second run reads only what has changed.
 *
 * A file can change again within the same tick of the file system's clock, and keep its size; then nothing of its stat data
 * tells. So hashes are only kept of files that had rested for a while when the run began (git calls the others "racily clean").
 * The cache is a convenience: one that is missing, damaged or can't be written changes nothing but the time.
 */
import { createHash, hash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, type Stats, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type ContentHasher, contentHasher } from "./hash-content.ts";

export interface HashCacheOptions {
  /** The cache's file, absolute; its directory is made where it is missing. */
  readonly file: string;
  /** When the run began, in milliseconds since 1970. */
  readonly startedMs: number;
  /** What hashes a file that isn't in the cache. Default: one that reads it. */
  readonly hasher?: ContentHasher;
}

export interface HashCache extends ContentHasher {
  /** Writes what is new, if anything is. To be called once, at the end. */
  save(): void;
}

/** Nothing is read before the first question. */
export function hashCache({ file, startedMs, hasher = contentHasher() }: HashCacheOptions): HashCache {
  let entries: Map<string, Entry> | undefined;
  let isNew = false;
  return {
    hash: (path, stats) => {
      entries ??= load(file);
      const known = entries.get(path);
      if (known !== undefined && isSame(known, stats)) return known.sha1;
      const sha1 = hasher.hash(path, stats);
      if (hasRested(stats, startedMs)) {
        entries.set(path, { size: stats.size, mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs, inode: stats.ino, sha1 });
        isNew = true;
      } else if (known !== undefined) {
        entries.delete(path);
        isNew = true;
      }
      return sha1;
    },
    save: () => {
      if (entries !== undefined && isNew) store(file, entries);
    },
  };
}

interface Entry {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly inode: number;
  readonly sha1: Uint8Array;
}

/** More than the coarsest clock of a file system in use, two seconds. */
const REST_MS = 3000;

function hasRested({ mtimeMs, ctimeMs }: Stats, startedMs: number): boolean {
  return Math.max(mtimeMs, ctimeMs) < startedMs - REST_MS;
}

/** The change time alone would do, but for file systems that have none. */
function isSame(entry: Entry, stats: Stats): boolean {
  return (
    entry.ctimeMs === stats.ctimeMs &&
    entry.mtimeMs === stats.mtimeMs &&
    entry.size === stats.size &&
    entry.inode === stats.ino
  );
}

// The file: a line that names the format, the SHA-1 of the rest, then the count of entries, their numbers, their hashes,
// and their paths with a NUL after each. Numbers are of eight bytes, in this machine's order: nobody else reads them.
const MAGIC = Buffer.from("mzbuild file hashes 1\n");
const SHA1_BYTES = 20;
const NUMBERS = 4;
const COUNT_BYTES = 8;

function load(file: string): Map<string, Entry> {
  try {
    const content = readFileSync(file);
    const body = content.subarray(MAGIC.length + SHA1_BYTES);
    const sum = content.subarray(MAGIC.length, MAGIC.length + SHA1_BYTES);
    if (!content.subarray(0, MAGIC.length).equals(MAGIC) || !hash("sha1", body, "buffer").equals(sum)) return new Map();
    return parse(body);
  } catch {
    // Not there, or not to be read: then files are read instead.
    return new Map();
  }
}

function parse(body: Buffer): Map<string, Entry> {
  // A copy, since numbers have to be aligned.
  const bytes = Uint8Array.from(body);
  const [count = 0] = new Float64Array(bytes.buffer, 0, 1);
  const numbers = new Float64Array(bytes.buffer, COUNT_BYTES, count * NUMBERS);
  const sumsAt = COUNT_BYTES + numbers.byteLength;
  const paths = body
    .subarray(sumsAt + count * SHA1_BYTES)
    .toString("utf8")
    .split("\0");
  const entries = new Map<string, Entry>();
  for (let index = 0; index < count; index++) {
    const [size = 0, mtimeMs = 0, ctimeMs = 0, inode = 0] = numbers.subarray(index * NUMBERS, (index + 1) * NUMBERS);
    const sumAt = sumsAt + index * SHA1_BYTES;
    const sha1 = bytes.subarray(sumAt, sumAt + SHA1_BYTES);
    entries.set(paths[index] ?? "", { size, mtimeMs, ctimeMs, inode, sha1 });
  }
  return entries;
}

function store(file: string, entries: ReadonlyMap<string, Entry>): void {
  const temporary = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const body = serialized(entries);
    const sum = createHash("sha1").update(body).digest();
    writeFileSync(temporary, Buffer.concat([MAGIC, sum, body]), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    // A read-only or full disk: the next run reads the files again.
    removeIfThere(temporary);
  }
}

function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It was never written, then.
  }
}

function serialized(entries: ReadonlyMap<string, Entry>): Buffer {
  const numbers = new Float64Array(1 + entries.size * NUMBERS);
  const sums = new Uint8Array(entries.size * SHA1_BYTES);
  const paths: string[] = [];
  numbers[0] = entries.size;
  for (const [path, { size, mtimeMs, ctimeMs, inode, sha1 }] of entries) {
    numbers.set([size, mtimeMs, ctimeMs, inode], 1 + paths.length * NUMBERS);
    sums.set(sha1, paths.length * SHA1_BYTES);
    paths.push(`${path}\0`);
  }
  return Buffer.concat([new Uint8Array(numbers.buffer), sums, Buffer.from(paths.join(""))]);
}
