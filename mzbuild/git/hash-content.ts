/**
 * The SHA-1 of a file's content. Behind an interface so that a cache keyed by stat data can stand in front of it.
 * Synchronous on purpose: for the small files of a repository, handing each to a thread costs several times the reading.
 */
import { createHash, hash } from "node:crypto";
import { closeSync, openSync, readSync, type Stats } from "node:fs";

export interface ContentHasher {
  /** 20 bytes. `path` is absolute, `stats` are those of the file itself, links followed. */
  hash(path: string, stats: Stats): Uint8Array;
}

/** Reads every file, through one buffer. */
export function contentHasher(): ContentHasher {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  return { hash: (path) => hashContent(path, buffer) };
}

const BUFFER_BYTES = 256 * 1024;

function hashContent(path: string, buffer: Buffer): Uint8Array {
  const file = openSync(path, "r");
  try {
    const first = fill(file, buffer);
    if (first < buffer.length) return hash("sha1", buffer.subarray(0, first), "buffer");
    const sum = createHash("sha1");
    for (let length = first; length > 0; length = fill(file, buffer)) sum.update(buffer.subarray(0, length));
    return sum.digest();
  } finally {
    closeSync(file);
  }
}

/** Reads until the buffer is full or the file ends; answers the number of bytes. */
function fill(file: number, buffer: Buffer): number {
  let length = 0;
  while (length < buffer.length) {
    const read = readSync(file, buffer, length, buffer.length - length, null);
    if (read === 0) break;
    length += read;
  }
  return length;
}
