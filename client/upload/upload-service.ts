/**
 * The session service from which the daemon fetches a stream as if by HTTP: `moby.upload.v1.Upload`, for a build context
 * that comes as an archive on standard input.
 * Source: moby/buildkit v0.33.0: session/upload/uploadprovider/provider.go.
 */
import { randomUUID } from "node:crypto";
import { upload } from "../../proto/index.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { duplexCall, type RpcHandler } from "../rpc/server.ts";

export interface Uploads {
  /** Offers a stream, once. The result is the URL to give to an http source, or to the frontend as its context. */
  add(content: AsyncIterable<Uint8Array>): string;
  readonly handlers: readonly RpcHandler[];
}

/** Below gRPC's usual limit of 4 MiB a message. */
const PIECE_BYTES = 3 * 1024 * 1024;

/** The handlers belong into the session of the build that gets the URLs. */
export function uploads(): Uploads {
  const waiting = new Map<string, AsyncIterable<Uint8Array>>();
  return {
    add(content) {
      const id = randomUUID();
      waiting.set(id, content);
      return `http://buildkit-session/${id}`;
    },
    handlers: [
      duplexCall(upload.Upload.pull, async (call) => {
        const id = call.metadata.get("urlpath")?.[0]?.split("/").at(-1) ?? "";
        const content = waiting.get(id);
        if (content === undefined) throw new RpcError("NOT_FOUND", `no upload ${JSON.stringify(id)} in this session`);
        waiting.delete(id);
        for await (const piece of content) {
          for (let at = 0; at < piece.length; at += PIECE_BYTES) {
            await call.send({ data: piece.subarray(at, at + PIECE_BYTES) });
          }
        }
      }),
    ],
  };
}
