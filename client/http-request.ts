/**
 * One HTTP request on Node's own http: it is there at once, where the first call of `fetch` costs a tenth of a second of processor time.
 * What `fetch` does beside is done here, too: redirects (without the login, once another host is meant) and limits for silence.
 */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream is sent once, and not again after a redirect. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly signal: AbortSignal;
}

/** Its body is to be read, or left with `discard`. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Whether the status is one of 2xx. */
  readonly ok: boolean;
  /** Where it came from in the end. */
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  /** Throws {@link ConnectionBroken}, as all that reads. */
  text(): Promise<string>;
  bytes(): Promise<Uint8Array>;
  stream(): AsyncIterable<Uint8Array>;
  discard(): void;
}

/** A connection that didn't come about, or ended too early. The message is the reason. */
export class ConnectionBroken extends Error {
  override readonly name = "ConnectionBroken";
}

const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 300_000;
const MAX_REDIRECTS = 20;
const SHORT_BYTES = 64 * 1024;

/** Throws {@link ConnectionBroken}, and the signal's reason. */
export async function httpRequest(address: URL, request: HttpRequest): Promise<HttpAnswer> {
  let url = address;
  let { headers } = request;
  for (let redirects = 0; ; redirects++) {
    const message = await send(url, { ...request, headers });
    const next = redirected(url, request, message);
    if (next === undefined) return answerOf(url, message, request.signal);
    message.resume();
    if (redirects === MAX_REDIRECTS) throw new ConnectionBroken(`${address.href} redirects without an end`);
    if (next.origin !== url.origin) {
      const { authorization: _, ...others } = headers;
      headers = others;
    }
    url = next;
  }
}

function redirected(url: URL, { method, body }: HttpRequest, { statusCode, headers }: IncomingMessage) {
  const { location } = headers;
  if (location === undefined || statusCode === undefined) return undefined;
  const reads = method === "GET" || method === "HEAD";
  const follows = reads ? [301, 302, 303, 307, 308] : [307, 308];
  const repeatable = body === undefined || body instanceof Uint8Array;
  return follows.includes(statusCode) && repeatable ? new URL(location, url) : undefined;
}

function send(url: URL, { method, headers, body, signal }: HttpRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(signal.aborted ? signal.reason : broken(error));
    const { request } = url.protocol === "http:" ? http : https;
    const allHeaders = { accept: "*/*", "user-agent": "mzbuild", ...headers };
    const sent = request(url, { method, headers: allHeaders, signal, timeout: SILENCE_TIMEOUT_MS }, resolve);
    sent.on("error", fail);
    sent.once("timeout", () => sent.destroy(new Error("no answer came")));
    sent.once("socket", (socket) => {
      if (!socket.connecting) return;
      const timer = setTimeout(() => sent.destroy(new Error("no connection came about")), CONNECT_TIMEOUT_MS);
      const done = (): void => clearTimeout(timer);
      socket.once(url.protocol === "http:" ? "connect" : "secureConnect", done).once("close", done);
    });
    if (body === undefined || body instanceof Uint8Array) sent.end(body);
    // An answer may come before everything was sent; it is the one that counts then.
    else pipeline(Readable.from(body, { objectMode: false }), sent).catch(fail);
  });
}

function answerOf(url: URL, message: IncomingMessage, signal: AbortSignal): HttpAnswer {
  const status = message.statusCode ?? 0;
  const stream = (): AsyncIterable<Uint8Array> => received(message, signal);
  const bytes = async (): Promise<Buffer> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of stream()) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  return {
    status,
    statusText: message.statusMessage ?? "",
    ok: status >= 200 && status < 300,
    url: url.href,
    headers: {
      get: (name) => {
        const value = message.headers[name.toLowerCase()];
        return value === undefined ? null : String(value);
      },
    },
    text: async () => (await bytes()).toString("utf8"),
    bytes,
    stream,
    // A short rest is read, so that the connection can be used again.
    discard: () => {
      if (Number(message.headers["content-length"] ?? 0) <= SHORT_BYTES) message.resume();
      else message.destroy();
    },
  };
}

async function* received(message: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* message;
  } catch (error) {
    signal.throwIfAborted();
    throw broken(error);
  }
}

function broken(error: unknown): ConnectionBroken {
  // Of a name with several addresses, each has its reason.
  const reason: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const message = reason instanceof Error ? reason.message || reason.name : String(reason);
  return new ConnectionBroken(message, { cause: reason });
}
