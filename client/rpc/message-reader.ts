/** Messages from an HTTP/2 stream, as an AsyncIterable: reading slower than the peer sends makes the peer wait. */

import type { Http2Stream } from "node:http2";
import { frameDecoder } from "./framing.ts";
import type { MessageType } from "./method.ts";
import { RpcError } from "./rpc-error.ts";

/**
 * Decodes what arrives on `stream`. Can be iterated once; to stop early doesn't destroy the stream, because trailers are still to
 * be sent or received on it. Throws {@link RpcError} for bytes that are no such message.
 */
export async function* readMessages<T>(stream: Http2Stream, type: MessageType<T>): AsyncGenerator<T, void, undefined> {
  const decoder = frameDecoder();
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    for (const bytes of decoder.push(chunk)) yield decode(type, bytes);
  }
  decoder.finish();
}

function decode<T>(type: MessageType<T>, bytes: Uint8Array): T {
  try {
    return type.decode(bytes);
  } catch (error) {
    throw new RpcError("INTERNAL", `what came is no ${type.typeName}`, { cause: error });
  }
}
