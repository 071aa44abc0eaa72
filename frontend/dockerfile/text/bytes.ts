/**
 * Dockerfiles are bytes, and Go keeps bytes that are not UTF-8 as they are. So that a string can do the same, each such
 * byte B becomes the lone surrogate U+DC00+B, which no valid UTF-8 decodes to. `encodeText(decodeText(b))` is `b`.
 */

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Decodes UTF-8, with invalid bytes as lone surrogates U+DC80 to U+DCFF. A byte order mark stays. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    // Not UTF-8 as a whole: decode piece by piece.
    return decodeLoosely(bytes);
  }
}

/** The bytes of a text; undoes {@link decodeText}. Other lone surrogates become U+FFFD. */
export function encodeText(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(index + 1))) {
      index++;
    } else if (unit >= 0xdc80 && unit <= 0xdcff) {
      pieces.push(encoder.encode(text.slice(from, index)), Uint8Array.of(unit - 0xdc00));
      from = index + 1;
    }
  }
  pieces.push(encoder.encode(text.slice(from)));
  return concat(pieces);
}

/** A text as one character (U+0000 to U+00FF) a byte, for rules that look at bytes. */
export function toBinary(text: string): string {
  const bytes = encodeText(text);
  const parts: string[] = [];
  for (let from = 0; from < bytes.length; from += 8192)
    parts.push(String.fromCharCode(...bytes.subarray(from, from + 8192)));
  return parts.join("");
}

/** Undoes {@link toBinary}. */
export function fromBinary(binary: string): string {
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return decodeText(bytes);
}

/** True if the text is longer than `limit` bytes of UTF-8. Counts only when the answer is not plain. */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  if (text.length * 3 <= limit) return false;
  return encodeText(text).length > limit;
}

function decodeLoosely(bytes: Uint8Array): string {
  const parts: string[] = [];
  let from = 0;
  for (let index = 0; index < bytes.length; ) {
    const width = sequenceLength(bytes, index);
    if (width > 0) {
      index += width;
      continue;
    }
    parts.push(strict.decode(bytes.subarray(from, index)), String.fromCharCode(0xdc00 + (bytes[index] ?? 0)));
    index++;
    from = index;
  }
  parts.push(strict.decode(bytes.subarray(from)));
  return parts.join("");
}

/** Length of the valid UTF-8 sequence at `index`, 0 if there is none (RFC 3629: no surrogates, no overlong forms). */
function sequenceLength(bytes: Uint8Array, index: number): number {
  const first = bytes[index] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const second = bytes[index + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  const width = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let at = 2; at < width; at++) {
    const next = bytes[index + at] ?? 0;
    if (next < 0x80 || next > 0xbf) return 0;
  }
  return width;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
