/**
 * gRPC's length-prefixed messages, cut from a stream of bytes and joined to one: a byte for compression, four bytes of length, the message.
 * Source: PROTOCOL-HTTP2.md of grpc/grpc, "Length-Prefixed-Message".
 */

import { RpcError } from "./rpc-error.ts";

/** How many bytes go before each message. */
export const prefixBytes = 5;

/** Daemon and frontends limit themselves to 16 MiB; this is a guard against nonsense lengths, not a budget. */
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;

/** Collects chunks and gives out the messages that they complete. */
export interface FrameDecoder {
  /** Throws {@link RpcError}: `UNIMPLEMENTED` for a compressed message, `RESOURCE_EXHAUSTED` for one over the limit. */
  push(chunk: Uint8Array): readonly Uint8Array[];
  /** To be called at the end of the stream; throws `INTERNAL` if it ended within a message. */
  finish(): void;
}

/** Messages may share memory with the chunks they came in. */
export function frameDecoder(limitBytes: number = MAX_MESSAGE_BYTES): FrameDecoder {
  let chunks: Uint8Array[] = [];
  let available = 0;
  let needed = prefixBytes;

  return {
    push(chunk) {
      chunks.push(chunk);
      available += chunk.length;
      // A large message comes in many chunks: joining them once, when it is complete, keeps this linear.
      if (available < needed) return [];
      const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks, available);
      const messages: Uint8Array[] = [];
      let position = 0;
      needed = prefixBytes;
      while (bytes.length - position >= prefixBytes) {
        const length = messageLength(bytes, position, limitBytes);
        if (bytes.length - position < prefixBytes + length) {
          needed = prefixBytes + length;
          break;
        }
        messages.push(bytes.subarray(position + prefixBytes, position + prefixBytes + length));
        position += prefixBytes + length;
      }
      available = bytes.length - position;
      chunks = available === 0 ? [] : [bytes.subarray(position)];
      return messages;
    },
    finish() {
      if (available > 0) throw new RpcError("INTERNAL", `the stream ended ${available} bytes into a message`);
    },
  };
}

function messageLength(bytes: Uint8Array, position: number, limitBytes: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + position, prefixBytes);
  const compressed = view.getUint8(0);
  if (compressed !== 0)
    throw new RpcError("UNIMPLEMENTED", `a message came with unknown compression (flag ${compressed})`);
  const length = view.getUint32(1);
  if (length > limitBytes) {
    throw new RpcError("RESOURCE_EXHAUSTED", `a message of ${length} bytes is over the limit of ${limitBytes}`);
  }
  return length;
}

/** Messages with their prefixes, in one piece; `totalBytes` is the sum of both. */
export function joinFrames(messages: readonly Uint8Array[], totalBytes: number): Buffer {
  const joined = Buffer.allocUnsafe(totalBytes);
  let position = 0;
  for (const message of messages) {
    position = joined.writeUInt8(0, position);
    position = joined.writeUInt32BE(message.length, position);
    joined.set(message, position);
    position += message.length;
  }
  return joined;
}
