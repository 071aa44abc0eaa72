/**
 * The time of the newest file of a tar archive, plain or compressed with gzip.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/epoch.go (`archiveMaxTimeFromRef`).
 */
import { gunzipSync } from "node:zlib";

const BLOCK_SIZE = 512;

/** In seconds; undefined when it is no archive that can be read, or has no files. */
export function archiveTime(bytes: Uint8Array): bigint | undefined {
  const tar = unpacked(bytes);
  if (tar === undefined) return undefined;
  let newest: bigint | undefined;
  for (let offset = 0; offset + BLOCK_SIZE <= tar.length; ) {
    const header = tar.subarray(offset, offset + BLOCK_SIZE);
    if (header.every((byte) => byte === 0)) return newest;
    if (!isHeader(header)) return undefined;
    const size = octal(header, 124, 12);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "0" || type === "\0") {
      const time = BigInt(octal(header, 136, 12));
      if (newest === undefined || time > newest) newest = time;
    }
    offset += BLOCK_SIZE + Math.ceil(size / BLOCK_SIZE) * BLOCK_SIZE;
  }
  return newest;
}

/** Whether the first bytes of a file are those of an archive that BuildKit unpacks. */
export function looksLikeArchive(start: Uint8Array): boolean {
  const magics = [
    [0x42, 0x5a, 0x68],
    [0x1f, 0x8b, 0x08],
    [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    [0x28, 0xb5, 0x2f, 0xfd],
  ];
  if (magics.some((magic) => magic.every((byte, index) => start[index] === byte))) return true;
  const skippable = start.length >= 8 && ((start[0] ?? 0) & 0xf0) === 0x50;
  if (skippable && start[1] === 0x2a && start[2] === 0x4d && start[3] === 0x18) return true;
  return start.length >= BLOCK_SIZE && isHeader(start.subarray(0, BLOCK_SIZE));
}

function unpacked(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    // Damaged: not an archive.
    return undefined;
  }
}

/** The checksum of a header counts its own field as blanks. */
function isHeader(header: Uint8Array): boolean {
  let sum = 0;
  header.forEach((byte, index) => {
    sum += index >= 148 && index < 156 ? 0x20 : byte;
  });
  return sum === octal(header, 148, 8);
}

function octal(header: Uint8Array, offset: number, length: number): number {
  const text = String.fromCharCode(...header.subarray(offset, offset + length)).replace(/[\0 ]+$/, "");
  return /^ *[0-7]+$/.test(text) ? Number.parseInt(text, 8) : 0;
}
