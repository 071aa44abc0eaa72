/**
 * The SHA-1 of a file's content. Synchronous on purpose: for the small files of a repository, handing each to a thread costs several
 * times the reading.
 */
import * as crypto from "node:crypto";
import * as fs from "node:fs";

/** In hexadecimal. `path` is absolute; a file that isn't `sizeBytes` long after all is read to its end. Throws what the disk throws. */
export type HashContent = (path: string, sizeBytes: number) => string;

/** Reads all files through one buffer. */
export function contentHash(): HashContent {
  return makeContentHash(fs, crypto);
}

/** Also the text of a thread's program (hash-thread.ts), so it uses nothing of this module. */
export function makeContentHash(
  { openSync, readSync, closeSync }: typeof fs,
  { hash, createHash }: typeof crypto,
): HashContent {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  /** `length` bytes of the file are in the buffer already. */
  const hashRest = (file: number, length: number): string => {
    const sum = createHash("sha1");
    for (let count = length; count > 0; count = readSync(file, buffer)) sum.update(buffer.subarray(0, count));
    return sum.digest("hex");
  };
  return (path, sizeBytes) => {
    const file = openSync(path, "r");
    try {
      const first = readSync(file, buffer);
      // The usual case: all of the file, and less than was asked for, so that its end is certain without another read.
      if (first === sizeBytes && first < buffer.length) return hash("sha1", buffer.subarray(0, first));
      return hashRest(file, first);
    } finally {
      closeSync(file);
    }
  };
}
