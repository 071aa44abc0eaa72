/**
 * Writes protobuf's wire format into one growing buffer.
 *
 * Ops are digested as bytes, and the bytes must be those of Go's deterministic marshaller: the callers in `encode-op.ts`
 * decide the order of fields and what is left out; nothing here drops or reorders anything.
 * Contract: protobuf encoding, wire types 0 (varint) and 2 (length-delimited).
 */
export interface WireWriter {
  /** A varint field; negative numbers take ten bytes, as `int32` and `int64` do. */
  varint(field: number, value: number | bigint): void;
  text(field: number, value: string): void;
  bytes(field: number, value: Uint8Array): void;
  /** A nested message, with whatever `body` writes; empty if it writes nothing. */
  message(field: number, body: () => void): void;
  /** The bytes written so far, as a copy of its own. The writer starts anew. */
  take(): Uint8Array;
}

const initialSizeBytes = 4096;

export function wireWriter(): WireWriter {
  let buffer = Buffer.allocUnsafeSlow(initialSizeBytes);
  let position = 0;

  function reserve(sizeBytes: number): void {
    if (position + sizeBytes <= buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, position + sizeBytes));
    buffer.copy(grown, 0, 0, position);
    buffer = grown;
  }

  function unsigned(value: number): void {
    reserve(10);
    let rest = value;
    while (rest > 0x7f) {
      buffer[position++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    buffer[position++] = rest;
  }

  function unsignedBig(value: bigint): void {
    reserve(10);
    let rest = value;
    while (rest > 0x7fn) {
      buffer[position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    buffer[position++] = Number(rest);
  }

  function varint(field: number, value: number | bigint): void {
    unsigned(field << 3);
    if (typeof value === "number" && value >= 0) unsigned(value);
    else unsignedBig(BigInt.asUintN(64, BigInt(value)));
  }

  function text(field: number, value: string): void {
    unsigned((field << 3) | 2);
    const sizeBytes = Buffer.byteLength(value, "utf8");
    unsigned(sizeBytes);
    reserve(sizeBytes);
    position += buffer.write(value, position, sizeBytes, "utf8");
  }

  function bytes(field: number, value: Uint8Array): void {
    unsigned((field << 3) | 2);
    unsigned(value.length);
    reserve(value.length);
    buffer.set(value, position);
    position += value.length;
  }

  function message(field: number, body: () => void): void {
    unsigned((field << 3) | 2);
    // One byte is kept for the length; the body moves up where it needs more.
    reserve(1);
    const start = ++position;
    body();
    const sizeBytes = position - start;
    if (sizeBytes > 0x7f) {
      const lengthBytes = varintSizeBytes(sizeBytes);
      reserve(lengthBytes);
      buffer.copyWithin(start + lengthBytes - 1, start, position);
      const end = position + lengthBytes - 1;
      position = start - 1;
      unsigned(sizeBytes);
      position = end;
    } else {
      buffer[start - 1] = sizeBytes;
    }
  }

  function take(): Uint8Array {
    const taken = new Uint8Array(buffer.subarray(0, position));
    position = 0;
    return taken;
  }

  return { varint, text, bytes, message, take };
}

function varintSizeBytes(value: number): number {
  let sizeBytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) sizeBytes++;
  return sizeBytes;
}
