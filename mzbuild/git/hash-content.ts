/**
 * The SHA-1 of a file's content. Behind an interface so that a cache keyed by stat data can stand in front of it.
 * Synchronous on purpose: for the small files of a repository, handing each to a thread costs several times the reading.
 */
import { createHash, hash } from "node:crypto";
import { closeSync, openSync, readSync, type Stats } from "node:fs";

export interface ContentHasher {
  /** In hexadecimal. `path` is absolute, `stats` are those of the file itself, links followed. */
  hash(path: string, stats: Stats): string;
}

/** Reads every file, through one buffer. */
export function contentHasher(): ContentHasher {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  return { hash: (path, { size }) => hashContent(path, size, buffer) };
}

const BUFFER_BYTES = 256 * 1024;

function hashContent(path: string, sizeBytes: number, buffer: Buffer): string {
  const file = openSync(path, "r");
  try {
    const first = readSync(file, buffer);
    // The usual case: all of the file, and less than was asked for, so that its end is certain without another read.
    if (first === sizeBytes && first < buffer.length) return hash("sha1", buffer.subarray(0, first));
    return hashRest(file, first, buffer);
  } finally {
    closeSync(file);
  }
}

/** `length` bytes of the file are in the buffer already. */
function hashRest(file: number, length: number, buffer: Buffer): string {
  const sum = createHash("sha1");
  for (let count = length; count > 0; count = readSync(file, buffer)) sum.update(buffer.subarray(0, count));
  return sum.digest("hex");
}
