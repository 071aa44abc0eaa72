/**
 * A build session: an HTTP/2 connection within the `Session` call, on which the daemon is the client and we serve what a build needs of
 * this machine. Source: moby/buildkit v0.33.0: session/session.go, session/grpc.go, session/grpchijack/dial.go.
 */

import { control, health } from "../../proto/index.ts";
import { randomId } from "../random-id.ts";
import type { ClientCall, RpcClient } from "../rpc/client.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { type RpcHandler, serveRpc, unary } from "../rpc/server.ts";
import { callDuplex } from "./call-duplex.ts";

export interface SessionOptions {
  /** What the daemon may ask for: file sync, credentials, secrets, … */
  readonly services: readonly RpcHandler[];
  /**
   * Names the place that local files come from. With the same key the daemon updates its copy of a directory of the last session
   * instead of taking it whole. Default: none.
   */
  readonly sharedKey?: string | undefined;
  /** Told of a service that failed in a way that only it can explain. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** An open session. Builds name it by its id; it has to stay open until they are done. */
export interface Session extends AsyncDisposable {
  readonly id: string;
  /** Resolves when the session has ended: undefined if this side closed it, else what ended it. */
  readonly ended: Promise<RpcError | undefined>;
  /** Ends the session; services under way are aborted, and have two seconds to clean up behind themselves. */
  close(): Promise<void>;
}

/** Asked every five seconds; two failures end the session. */
const healthService = unary(health.Health.check, () => ({ status: health.ServingStatus.SERVING }));

/** Opens a session over the control connection. Throws `RpcError` if there is no connection. */
export async function openSession(client: RpcClient, options: SessionOptions): Promise<Session> {
  const id = randomId();
  const services = [healthService, ...options.services];
  const call = await client.open(control.Control.session, {
    metadata: {
      "x-docker-expose-session-uuid": id,
      ...sharedKeyHeaders(options.sharedKey ?? ""),
      // The daemon calls only what is listed here.
      "x-docker-expose-session-grpc-method": services.map(({ path }) => path),
    },
  });
  const { duplex, ended: carrierEnded } = callDuplex(call);
  const server = serveRpc(duplex, services, { onError: options.onError });
  let closing = false;
  const ended = Promise.race([server.closed, carrierEnded]).then(async () => {
    await server.close();
    const error = await endCall(call, carrierEnded);
    return closing ? undefined : (error ?? new RpcError("UNAVAILABLE", "the daemon ended the session"));
  });
  const close = async () => {
    closing = true;
    // The inner connection ends first: it would otherwise still write into a call that has ended.
    await server.close();
    await ended;
    await within(PARTING_MS, server.settled());
  };
  return { id, ended, close, [Symbol.asyncDispose]: close };
}

/**
 * How long the daemon may take to notice that a session is over, and a service to give up: both need milliseconds, unless the one
 * hangs, or the other waits for something that knows no signal, such as standard input.
 */
const PARTING_MS = 2000;

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}

async function endCall(
  call: ClientCall<unknown, unknown>,
  ended: Promise<RpcError | undefined>,
): Promise<RpcError | undefined> {
  // It may have ended already, which `ended` tells.
  await call.end().catch(() => {});
  const timer = setTimeout(() => call.cancel(), PARTING_MS);
  const error = await ended;
  clearTimeout(timer);
  return error;
}

/** As the daemon decodes it: what is no printable ASCII makes the whole value a form-encoded one. */
function sharedKeyHeaders(key: string): Record<string, string> {
  const name = "x-docker-expose-session-sharedkey";
  if (/^[ -~]*$/.test(key)) return { [name]: key };
  return { [name]: encodeURIComponent(key), [`${name}-encoded`]: "1" };
}
