/**
 * The calling side: gRPC calls over one HTTP/2 connection, on any duplex stream. It serves for buildkitd's control socket, for the
 * gateway of a frontend container (stdin and stdout), and over them for whatever BuildKit offers there.
 */

import * as http2 from "node:http2";
import type { Duplex } from "node:stream";
import { openCall } from "./client-call.ts";
import type { CallOptions, Init, Method, MethodKind } from "./method.ts";
import { RpcError } from "./rpc-error.ts";
import { sessionOptions, widenWindow } from "./session-settings.ts";

/** A streaming call under way. */
export interface ClientCall<Request, Response> {
  /** Queues a message; semantics as of `ServerCall.send`. */
  send(request: Init<Request>): Promise<void> | undefined;
  /** Says that no more requests will come. */
  end(): Promise<void>;
  /** Can be iterated once; throws an {@link RpcError} unless the call succeeds. To stop early cancels the call. */
  readonly responses: AsyncIterable<Response>;
  /** Gives the call up; `responses` then throws `CANCELLED`. Harmless after the call's end. */
  cancel(): void;
}

export interface RpcClientOptions {
  /** Opens the connection; called at the first call, and again at the next one after the connection has been lost. */
  readonly connect: () => Promise<Duplex> | Duplex;
  /** What is on the other side, for messages: "the connection to buildkitd was lost". Default: `buildkitd`. */
  readonly peer?: string | undefined;
}

/** One connection to a gRPC server. Connects when it is first used; has to be closed, or it keeps the process alive. */
export class RpcClient implements AsyncDisposable {
  readonly #connect: () => Promise<Duplex> | Duplex;
  readonly #peer: string;
  #connection: Promise<Connection> | undefined;
  #socketError: Error | undefined;
  #closed = false;

  constructor(options: RpcClientOptions) {
    this.#connect = options.connect;
    this.#peer = options.peer ?? "buildkitd";
  }

  /** Calls a method that takes one request and gives one response. Throws {@link RpcError}, or what `connect` throws. */
  async call<Request, Response>(
    method: Method<"unary", Request, Response>,
    request: Init<NoInfer<Request>>,
    options: CallOptions = {},
  ): Promise<Response> {
    let response: Response | undefined;
    for await (const message of this.serverStream(method, request, options)) response ??= message;
    if (response === undefined) throw new RpcError("INTERNAL", `${method.path} succeeded without a response`);
    return response;
  }

  /** Calls a method that answers one request with many responses. The call is made when iteration begins. */
  async *serverStream<Request, Response>(
    method: Method<"unary" | "serverStream", Request, Response>,
    request: Init<NoInfer<Request>>,
    options: CallOptions = {},
  ): AsyncGenerator<Response, void, undefined> {
    const call = await this.open(method, options);
    await call.send(request);
    await call.end();
    yield* call.responses;
  }

  /** Calls a streaming method with the requests of an iterable, which is read as fast as the server takes them. */
  async *stream<Request, Response>(
    method: Method<MethodKind, Request, Response>,
    requests: AsyncIterable<Init<NoInfer<Request>>> | Iterable<Init<NoInfer<Request>>>,
    options: CallOptions = {},
  ): AsyncGenerator<Response, void, undefined> {
    const call = await this.open(method, options);
    let failure: { readonly error: unknown } | undefined;
    const sending = sendAll(call, requests).catch((error: unknown) => {
      failure = { error };
      call.cancel();
    });
    try {
      yield* call.responses;
    } catch (error) {
      // When the requests failed, the cancelled call is only the consequence.
      await sending;
      throw failure === undefined || RpcError.from(failure.error).code === "CANCELLED" ? error : failure.error;
    }
  }

  /** Starts a call whose two directions the caller drives by itself. */
  async open<Request, Response>(
    method: Method<MethodKind, Request, Response>,
    options: CallOptions = {},
  ): Promise<ClientCall<Request, Response>> {
    if (options.signal?.aborted) throw RpcError.from(options.signal.reason);
    const { session } = await this.#connected();
    return openCall(session, method, options, (cause) => this.#lost(cause));
  }

  /** Ends the connection at once. Calls under way fail with `CANCELLED`; later ones, too. */
  async close(): Promise<void> {
    this.#closed = true;
    // A connection that could not be opened has nothing to close, and its calls have told why.
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #lost(cause: unknown): RpcError {
    if (this.#closed) return new RpcError("CANCELLED", `the connection to ${this.#peer} was closed`);
    return new RpcError(
      "UNAVAILABLE",
      `the connection to ${this.#peer} was lost${reasonOf(this.#socketError ?? cause)}`,
      {
        connectionLost: true,
        cause: this.#socketError ?? cause,
      },
    );
  }

  async #connected(): Promise<Connection> {
    if (this.#closed) throw this.#lost(undefined);
    const last = this.#connection;
    const connection = await last?.catch(() => undefined);
    if (connection?.isUsable()) return connection;
    // Another call may have begun to dial in the meantime.
    if (this.#connection === last || this.#connection === undefined) this.#connection = this.#dial();
    return this.#connection;
  }

  async #dial(): Promise<Connection> {
    const duplex = await this.#connect();
    this.#socketError = undefined;
    duplex.once("error", (error: Error) => {
      this.#socketError = error;
    });
    return openConnection(duplex);
  }
}

interface Connection {
  readonly session: http2.ClientHttp2Session;
  /** Whether another call can be made. */
  readonly isUsable: () => boolean;
  readonly close: () => Promise<void>;
}

/** Speaks HTTP/2 on `duplex`. */
function openConnection(duplex: Duplex): Connection {
  const session = http2.connect("http://localhost", { createConnection: () => duplex, ...sessionOptions });
  widenWindow(session);
  const gone = new Promise<void>((resolve) => {
    session.once("close", resolve);
    // After an error of the socket the session may never say that it has closed.
    duplex.once("close", resolve);
  });
  let goingAway = false;
  session.once("goaway", () => {
    goingAway = true;
  });
  // Each call reports the loss of the connection by itself; without a listener it would also be an uncaught exception.
  session.on("error", () => {});
  return {
    session,
    isUsable: () => !goingAway && !session.closed && !session.destroyed && !duplex.destroyed,
    async close() {
      session.destroy(undefined, http2.constants.NGHTTP2_CANCEL);
      duplex.destroy();
      await gone;
    },
  };
}

/** What is known about the loss of a connection; errors such as ECONNRESET only repeat that it was lost. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error) || "syscall" in error) return "";
  const code = "code" in error ? error.code : undefined;
  if (code === "ERR_HTTP2_ERROR") return ": what answers there doesn't speak HTTP/2";
  if (typeof code === "string" && code.startsWith("ERR_HTTP2")) return "";
  // OpenSSL's message is a line of its error log; its reason is the readable part.
  return `: ${"reason" in error && typeof error.reason === "string" ? error.reason : error.message}`;
}

async function sendAll<Request>(
  call: ClientCall<Request, unknown>,
  requests: AsyncIterable<Init<Request>> | Iterable<Init<Request>>,
): Promise<void> {
  for await (const request of requests) await call.send(request);
  await call.end();
}
