/**
 * File names are bytes, JavaScript strings are not. A name that is valid UTF-8 is its text; every byte that is not
 * becomes the lone surrogate U+DC00 + byte, so that any name survives the way disk → string → wire and back
 * (the scheme of Python's PEP 383). Go's sender and receiver pass such bytes through untouched, so we must too.
 */

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ESCAPED = /[\uDC80-\uDCFF]/u;
const REPLACEMENT = "\uFFFD";

/** Whether `path` holds bytes that are not UTF-8, so that the file system must be asked with a Buffer. */
export function hasRawBytes(path: string): boolean {
  return ESCAPED.test(path);
}

/** Whether a name that Node decoded may have lost bytes. U+FFFD is a legal character too: a hint, not a proof. */
export function maybeLossy(name: string): boolean {
  return name.includes(REPLACEMENT);
}

export function decodePath(bytes: Uint8Array): string {
  const text = decodeStrict(bytes);
  if (text !== undefined) return text;
  let result = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at] ?? 0);
    const character = length === 0 ? undefined : decodeStrict(bytes.subarray(at, at + length));
    result += character ?? String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    at += character === undefined ? 1 : length;
  }
  return result;
}

export function encodePath(path: string): Buffer {
  if (!hasRawBytes(path)) return Buffer.from(path, "utf8");
  const parts: Buffer[] = [];
  for (const character of path) {
    const unit = character.charCodeAt(0);
    const raw = character.length === 1 && unit >= 0xdc80 && unit <= 0xdcff;
    parts.push(raw ? Buffer.of(unit - 0xdc00) : Buffer.from(character, "utf8"));
  }
  return Buffer.concat(parts);
}

/** What node:fs takes for `path`: the string itself wherever a string can name the file. */
export function toFsPath(path: string): string | Buffer {
  return hasRawBytes(path) ? encodePath(path) : path;
}

function decodeStrict(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined; // the decoder's only way to say "not UTF-8"
  }
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}
