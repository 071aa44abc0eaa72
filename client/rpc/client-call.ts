/** One call of the calling side: request headers, messages in both directions, and what its end means. */

import { setMaxListeners } from "node:events";
import * as http2 from "node:http2";
import type { ClientCall } from "./client.ts";
import { statusOf } from "./headers.ts";
import { readMessages } from "./message-reader.ts";
import { messageWriter } from "./message-writer.ts";
import type { CallOptions, Method, MethodKind } from "./method.ts";
import { type RpcCodeName, RpcError } from "./rpc-error.ts";

/** Opens a stream on `session` for a call of `method`; `lost` makes the error for a connection that has gone. */
export function openCall<Request, Response>(
  session: http2.ClientHttp2Session,
  method: Method<MethodKind, Request, Response>,
  options: CallOptions,
  lost: (cause?: unknown) => RpcError,
): ClientCall<Request, Response> {
  if (session.closed || session.destroyed) throw lost();

  const stream = session.request(requestHeaders(method.path, options));
  const writer = messageWriter(stream);
  const outcome = watchOutcome(stream, session, lost);
  const giveUp = (reason: RpcError) => {
    outcome.givenUp ??= reason;
    stream.close(http2.constants.NGHTTP2_CANCEL);
  };
  limitCall(stream, options, giveUp);

  return {
    send: (request) => writer.send(method.request.encode(request)),
    async end() {
      await writer.flush();
      stream.end();
    },
    responses: readResponses(stream, method, outcome, giveUp),
    cancel: () => giveUp(new RpcError("CANCELLED", "the call was cancelled")),
  };
}

function requestHeaders(path: string, options: CallOptions): http2.OutgoingHttpHeaders {
  const metadata = Object.entries(options.metadata ?? {}).map(([name, value]) => [
    name,
    typeof value === "string" ? value : [...value],
  ]);
  return {
    ...Object.fromEntries(metadata),
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...(options.timeoutMs === undefined ? {} : { "grpc-timeout": timeoutHeader(options.timeoutMs) }),
  };
}

/** At most eight digits and a unit: milliseconds, or seconds where those don't fit. */
function timeoutHeader(timeoutMs: number): string {
  const milliseconds = Math.max(1, Math.ceil(timeoutMs));
  return milliseconds < 1e8 ? `${milliseconds}m` : `${Math.min(Math.ceil(milliseconds / 1000), 1e8 - 1)}S`;
}

/** Ends the call early when its signal is aborted or its time is up. */
function limitCall(
  stream: http2.ClientHttp2Stream,
  { signal, timeoutMs }: CallOptions,
  giveUp: (reason: RpcError) => void,
): void {
  const abort = () => giveUp(RpcError.from(signal?.reason));
  if (signal !== undefined) {
    // Any number of calls may share one signal; Node takes more than ten listeners for a leak.
    setMaxListeners(0, signal);
    signal.addEventListener("abort", abort, { once: true });
  }
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => giveUp(new RpcError("DEADLINE_EXCEEDED", `no answer within ${timeoutMs} ms`)), timeoutMs);
  stream.once("close", () => {
    signal?.removeEventListener("abort", abort);
    clearTimeout(timer);
  });
}

/** How a call ended, as far as is known. */
interface Outcome {
  /** Set when this side ended the call. */
  givenUp: RpcError | undefined;
  /** Resolves once the server has told it, or the stream has closed: undefined for success. */
  readonly status: Promise<RpcError | undefined>;
}

function watchOutcome(
  stream: http2.ClientHttp2Stream,
  session: http2.ClientHttp2Session,
  lost: (cause?: unknown) => RpcError,
): Outcome {
  let streamError: Error | undefined;
  stream.on("error", (error: Error) => {
    streamError = error;
  });
  const outcome: Outcome = {
    givenUp: undefined,
    status: new Promise((resolve) => {
      stream.on("response", (headers) => {
        if (headers["grpc-status"] !== undefined) resolve(statusOf(headers));
        else if (headers[":status"] !== 200) resolve(ofHttpStatus(headers[":status"] ?? 0));
      });
      stream.on("trailers", (headers) => resolve(statusOf(headers)));
      stream.once("close", () => resolve(outcome.givenUp ?? ofReset(stream, session, streamError, lost)));
    }),
  };
  return outcome;
}

async function* readResponses<Request, Response>(
  stream: http2.ClientHttp2Stream,
  method: Method<MethodKind, Request, Response>,
  outcome: Outcome,
  giveUp: (reason: RpcError) => void,
): AsyncGenerator<Response, void, undefined> {
  let finished = false;
  try {
    yield* readMessages(stream, method.response);
    finished = true;
  } catch (error) {
    // A broken stream ends the iteration with an error of Node's; the outcome tells what it means. Our own error comes first.
    if (error instanceof RpcError) throw error;
    finished = true;
  } finally {
    if (!finished) giveUp(new RpcError("CANCELLED", "the call was cancelled"));
  }
  const error = await outcome.status;
  // A server may finish a call while requests could still be sent.
  if (!stream.writableEnded) stream.close(http2.constants.NGHTTP2_NO_ERROR);
  if (error !== undefined) throw error;
}

function ofHttpStatus(status: number): RpcError {
  const codes: Readonly<Record<number, RpcCodeName>> = {
    400: "INTERNAL",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "UNIMPLEMENTED",
    429: "UNAVAILABLE",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "UNAVAILABLE",
  };
  return new RpcError(codes[status] ?? "UNKNOWN", `the server answered with HTTP status ${status} instead of gRPC`);
}

/** A call that ended without a status: by a reset of its stream, or with the connection. */
function ofReset(
  stream: http2.ClientHttp2Stream,
  session: http2.ClientHttp2Session,
  cause: Error | undefined,
  lost: (cause?: unknown) => RpcError,
): RpcError {
  const { NGHTTP2_NO_ERROR, NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM, NGHTTP2_ENHANCE_YOUR_CALM } = http2.constants;
  const reset = (code: RpcCodeName, what: string) => new RpcError(code, what, { cause });
  if (session.destroyed || session.closed) return lost(cause);
  switch (stream.rstCode) {
    case NGHTTP2_CANCEL:
      return reset("CANCELLED", "the server cancelled the call");
    case NGHTTP2_REFUSED_STREAM:
      return reset("UNAVAILABLE", "the server refused the call");
    case NGHTTP2_ENHANCE_YOUR_CALM:
      return reset("RESOURCE_EXHAUSTED", "the server is busy");
    case NGHTTP2_NO_ERROR:
      return reset("INTERNAL", "the call ended without a status");
    default:
      return reset("INTERNAL", `the server reset the call (HTTP/2 error ${stream.rstCode})`);
  }
}
