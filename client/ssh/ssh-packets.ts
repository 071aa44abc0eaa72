/**
 * The packets of the ssh protocol before anything is encrypted.
 * Contract: RFC 4253, chapters 4.2 (versions) and 6 (packets); RFC 4251, chapter 5 (data types).
 */
import { randomBytes } from "node:crypto";

const BLOCK_BYTES = 8;
const LEAST_PADDING = 4;
const LENGTH_BYTES = 4;
const LONGEST_PACKET = 256 * 1024;
const LONGEST_LINE = 8 * 1024;
const NEWLINE = 0x0a;

export interface Packets {
  /** The line in which the server says which version it speaks; lines before it are ignored. */
  readonly version: () => Promise<string>;
  /** The payload of the next packet. */
  readonly next: () => Promise<Uint8Array>;
}

/** Throws, on reading, when the other side ends or sends what is no ssh. */
export function packetReader(source: AsyncIterable<Uint8Array>): Packets {
  const chunks = source[Symbol.asyncIterator]();
  let buffered = Buffer.alloc(0);
  const fill = async (): Promise<void> => {
    const { value, done } = await chunks.next();
    if (done === true) throw new Error("the ssh server ends the connection");
    buffered = Buffer.concat([buffered, value]);
  };
  const take = async (count: number): Promise<Buffer> => {
    while (buffered.length < count) await fill();
    const taken = buffered.subarray(0, count);
    buffered = buffered.subarray(count);
    return taken;
  };
  const line = async (): Promise<string> => {
    while (!buffered.includes(NEWLINE)) {
      if (buffered.length > LONGEST_LINE) throw new Error("the server doesn't speak ssh");
      await fill();
    }
    return (await take(buffered.indexOf(NEWLINE) + 1)).toString("latin1").trimEnd();
  };
  return {
    version: async () => {
      for (;;) {
        const text = await line();
        if (text.startsWith("SSH-")) return text;
      }
    },
    next: async () => {
      const length = (await take(LENGTH_BYTES)).readUInt32BE(0);
      if (length > LONGEST_PACKET) throw new Error("the server doesn't speak ssh");
      const content = await take(length);
      return content.subarray(1, content.length - (content[0] ?? 0));
    },
  };
}

/** A payload as a packet. */
export function packet(payload: Uint8Array): Uint8Array {
  const unpadded = LENGTH_BYTES + 1 + payload.length;
  const least = unpadded + LEAST_PADDING;
  const padding = LEAST_PADDING + ((BLOCK_BYTES - (least % BLOCK_BYTES)) % BLOCK_BYTES);
  const head = Buffer.alloc(LENGTH_BYTES + 1);
  head.writeUInt32BE(1 + payload.length + padding, 0);
  head[LENGTH_BYTES] = padding;
  return Buffer.concat([head, payload, randomBytes(padding)]);
}

/** A `string` of the protocol: its length, then the bytes. */
export function bytes(content: Uint8Array): Uint8Array {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(content.length, 0);
  return Buffer.concat([length, content]);
}

export function nameList(names: readonly string[]): Uint8Array {
  return bytes(Buffer.from(names.join(",")));
}

export interface WireReader {
  readonly skip: (count: number) => WireReader;
  /** A `string` as bytes; throws when there are fewer than it says. */
  readonly bytes: () => Uint8Array;
  readonly text: () => string;
}

/** Reads values one after the other. */
export function wireReader(content: Uint8Array): WireReader {
  let buffer = Buffer.from(content);
  const reader: WireReader = {
    skip: (count) => {
      buffer = buffer.subarray(count);
      return reader;
    },
    bytes: () => {
      const length = buffer.length < LENGTH_BYTES ? Number.POSITIVE_INFINITY : buffer.readUInt32BE(0);
      if (LENGTH_BYTES + length > buffer.length) throw new Error("the ssh server sends a packet that is too short");
      const taken = buffer.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
      buffer = buffer.subarray(LENGTH_BYTES + length);
      return taken;
    },
    text: () => Buffer.from(reader.bytes()).toString("utf8"),
  };
  return reader;
}
