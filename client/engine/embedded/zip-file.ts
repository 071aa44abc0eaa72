/**
 * Reads the entries of a zip file that is in memory: what module archives of Go need, no more (no encryption, no Zip64).
 * Contract: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
 */
import { inflateRawSync } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  content(): Uint8Array;
}

const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const CENTRAL_SIGNATURE = 0x02014b50;
const CENTRAL_SIZE = 46;
const LOCAL_SIZE = 30;

/** In the order of the central directory. Throws an `Error` for what is no such file. */
export function* zipEntries(file: Buffer): Generator<ZipEntry> {
  const end = file.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + END_SIZE > file.length || file.readUInt32LE(end) !== END_SIGNATURE)
    throw new Error("no zip file");
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    if (file.readUInt32LE(at) !== CENTRAL_SIGNATURE) throw new Error("a damaged zip file");
    const method = file.readUInt16LE(at + 10);
    const packedSize = file.readUInt32LE(at + 20);
    const nameSize = file.readUInt16LE(at + 28);
    const local = file.readUInt32LE(at + 42);
    const name = file.toString("utf8", at + CENTRAL_SIZE, at + CENTRAL_SIZE + nameSize);
    yield { name, content: () => contentOf(file, local, packedSize, method) };
    at += CENTRAL_SIZE + nameSize + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
}

function contentOf(file: Buffer, local: number, packedSize: number, method: number): Uint8Array {
  // The local header repeats the name, with an extra field of its own length.
  const start = local + LOCAL_SIZE + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
  const packed = file.subarray(start, start + packedSize);
  if (method === 0) return packed;
  if (method === 8) return inflateRawSync(packed);
  throw new Error(`a zip file with the compression method ${method}`);
}
