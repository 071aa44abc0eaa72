/**
 * The serving side: gRPC handlers on any duplex stream. A BuildKit session is this, carried by the `Session` call.
 * Handlers are made by {@link unary}, {@link streaming} and {@link duplexCall}, and run by {@link serveRpc}.
 */

import * as http2 from "node:http2";
import type { Duplex } from "node:stream";
import { fromRawHeaders, statusTrailers } from "./headers.ts";
import { readMessages } from "./message-reader.ts";
import { messageWriter } from "./message-writer.ts";
import type { Init, Metadata, Method, MethodKind } from "./method.ts";
import { RpcError } from "./rpc-error.ts";
import { sessionOptions, widenWindow } from "./session-settings.ts";

/** What a handler knows of its call besides the messages. */
export interface CallContext {
  /** The path that was called. */
  readonly path: string;
  readonly metadata: Metadata;
  /** Aborted when the caller gives up, the deadline passes or the connection is lost; the reason is an {@link RpcError}. */
  readonly signal: AbortSignal;
}

/** The low-level view of a streaming call, for senders of many small messages. */
export interface ServerCall<Request, Response> extends CallContext {
  /** Can be iterated once. Ends when the caller has sent all; throws an {@link RpcError} if the call is cut off. */
  readonly requests: AsyncIterable<Request>;
  /**
   * Queues a message. Messages that are queued in one turn of the event loop travel in one HTTP/2 write of up to 64 KiB.
   * Returns a promise if the peer doesn't keep up: await it before sending more. Throws an {@link RpcError} once the call has ended.
   */
  send(message: Init<Response>): Promise<void> | undefined;
}

/** A method with its implementation, ready to be served. To fail, an implementation throws an {@link RpcError}. */
export interface RpcHandler {
  /** Such as `/moby.filesync.v1.FileSync/DiffCopy`. */
  readonly path: string;
  /** Answers one call; used by {@link serveRpc}. */
  readonly answer: (stream: http2.ServerHttp2Stream, context: CallContext) => Promise<void>;
}

/** A handler for a method with one request and one response. */
export function unary<Request, Response>(
  method: Method<"unary", Request, Response>,
  handle: (request: Request, context: CallContext) => Promise<Init<NoInfer<Response>>> | Init<NoInfer<Response>>,
): RpcHandler {
  return {
    path: method.path,
    async answer(stream, context) {
      const writer = messageWriter(stream);
      for await (const request of readMessages(stream, method.request)) {
        await writer.send(method.response.encode(await handle(request, context)));
        return writer.flush();
      }
      throw new RpcError("INTERNAL", `${method.path} was called without a request`);
    },
  };
}

/** A handler for any streaming method, as a function from requests to responses. */
export function streaming<Request, Response>(
  method: Method<MethodKind, Request, Response>,
  handle: (requests: AsyncIterable<Request>, context: CallContext) => AsyncIterable<Init<NoInfer<Response>>>,
): RpcHandler {
  return duplexCall(method, async (call) => {
    for await (const response of handle(call.requests, call)) await call.send(response);
  });
}

/** A handler for any streaming method which sends when it likes. The call ends when `handle` resolves. */
export function duplexCall<Request, Response>(
  method: Method<MethodKind, Request, Response>,
  handle: (call: ServerCall<Request, NoInfer<Response>>) => Promise<void>,
): RpcHandler {
  return {
    path: method.path,
    async answer(stream, context) {
      const writer = messageWriter(stream);
      try {
        await handle({
          ...context,
          requests: readMessages(stream, method.request),
          send: (message) => writer.send(method.response.encode(message)),
        });
      } finally {
        await writer.flush();
      }
    },
  };
}

/** A connection that is being served. */
export interface RpcServer {
  /** Resolves when the connection has gone, whoever ended it and why. Never rejects. */
  readonly closed: Promise<void>;
  /** Ends the connection at once; calls under way see their signal aborted. */
  close(): Promise<void>;
  /** Resolves when no handler is running any more: after `close`, when all have cleaned up behind themselves. */
  settled(): Promise<void>;
}

/**
 * Serves `handlers` on `duplex` until one of both sides closes it. The duplex has to complete its writes without waiting for the peer
 * to read: Node's HTTP/2 doesn't read while it writes, so two such ends would wait for each other. Calls of other paths are answered `UNIMPLEMENTED`.
 * `onError` is told of failures that no caller will see, such as a handler which throws something else than an {@link RpcError}.
 */
export function serveRpc(
  duplex: Duplex,
  handlers: readonly RpcHandler[],
  options: { readonly onError?: ((error: unknown) => void) | undefined } = {},
): RpcServer {
  const byPath = new Map(handlers.map((handler) => [handler.path, handler]));
  const session = http2.performServerHandshake(duplex, sessionOptions);
  widenWindow(session);
  const closed = new Promise<void>((resolve) => {
    session.once("close", resolve);
    // After an error of the stream below the session may never say that it has closed.
    duplex.once("close", resolve);
  });
  // Without a listener an abrupt end would be an uncaught exception; `closed` is how callers learn of it.
  session.on("error", () => {});
  const running = new Set<Promise<void>>();
  session.on(
    "stream",
    // Node passes the raw headers, too, though its type of this event doesn't say so.
    (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, _flags: number, rawHeaders: string[]) => {
      const path = headers[":path"] ?? "";
      const call: Promise<void> = answer(stream, byPath.get(path), { path, metadata: fromRawHeaders(rawHeaders) })
        .catch((error: unknown) => options.onError?.(error))
        .finally(() => running.delete(call));
      running.add(call);
    },
  );
  return {
    closed,
    async close() {
      session.destroy();
      // Where the other end no longer answers, the session would wait for it for ever.
      duplex.destroy();
      await closed;
    },
    async settled() {
      await Promise.allSettled(running);
    },
  };
}

async function answer(
  stream: http2.ServerHttp2Stream,
  handler: RpcHandler | undefined,
  call: Omit<CallContext, "signal">,
): Promise<void> {
  const abort = new AbortController();
  stream.on("error", () => {});
  stream.once("close", () => abort.abort(new RpcError("CANCELLED", "the caller has ended the call")));
  let status: RpcError | undefined;
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers(statusTrailers(status)));
  try {
    if (handler === undefined) throw new RpcError("UNIMPLEMENTED", `no handler for ${call.path}`);
    await handler.answer(stream, { ...call, signal: abort.signal });
  } catch (error) {
    status = RpcError.from(error);
    if (!(error instanceof RpcError) && !abort.signal.aborted) throw error;
  } finally {
    if (!stream.destroyed) stream.end();
  }
}
