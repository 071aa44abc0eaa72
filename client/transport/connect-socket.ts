/** Sockets of this machine and of the network, the latter with TLS where the caller has certificates. */

import { readFile } from "node:fs/promises";
import * as net from "node:net";
import * as tls from "node:tls";
import { ConnectError } from "./connect-error.ts";

export type SocketTarget =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Paths of PEM files; absent ones are not used. */
export interface TlsFiles {
  /** The authority that signed the server's certificate. Default: those that Node trusts. */
  readonly ca?: string | undefined;
  /** Our own certificate and its key, for servers that want to know their clients. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name that the server's certificate has to carry. Default: the host. */
  readonly serverName?: string | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** Opens a socket. Throws `ConnectError` "unreachable" or "bad-tls". */
export async function connectSocket(
  target: SocketTarget,
  options: { readonly tls?: TlsFiles | undefined; readonly timeoutMs?: number | undefined } = {},
): Promise<net.Socket> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (target.kind === "unix") return opened(net.connect(target.path), "connect", target, timeoutMs);
  // Without it a peer whose machine went down would never be missed.
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: 30_000, noDelay: true };
  if (options.tls === undefined) return opened(net.connect({ ...target, ...keepAlive }), "connect", target, timeoutMs);
  const socket = tls.connect({
    ...target,
    ...keepAlive,
    ...(await readTlsFiles(options.tls)),
    servername: options.tls.serverName ?? (net.isIP(target.host) === 0 ? target.host : ""),
    ALPNProtocols: ["h2"],
    minVersion: "TLSv1.2",
  });
  return opened(socket, "secureConnect", target, timeoutMs);
}

async function readTlsFiles(files: TlsFiles): Promise<tls.ConnectionOptions> {
  const read = async (file: string | undefined) => {
    if (file === undefined) return undefined;
    return readFile(file).catch((cause: unknown) => {
      throw new ConnectError("bad-tls", `${file} can't be read`, { cause });
    });
  };
  const [ca, cert, key] = await Promise.all([read(files.ca), read(files.cert), read(files.key)]);
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function opened<Socket extends net.Socket>(
  socket: Socket,
  event: "connect" | "secureConnect",
  target: SocketTarget,
  timeoutMs: number,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new ConnectError("unreachable", `${nameOf(target)} doesn't answer within ${timeoutMs} ms`));
    }, timeoutMs);
    const fail = (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(explain(target, error));
    };
    socket.once("error", fail);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off("error", fail);
      resolve(socket);
    });
  });
}

function nameOf(target: SocketTarget): string {
  return target.kind === "unix" ? `unix://${target.path}` : `tcp://${target.host}:${target.port}`;
}

function explain(target: SocketTarget, error: NodeJS.ErrnoException): ConnectError {
  const name = nameOf(target);
  const unreachable = (what: string, hint?: string) => new ConnectError("unreachable", what, { hint, cause: error });
  switch (error.code) {
    case "ENOENT":
      return unreachable(`there is no socket ${name}`, "start buildkitd, or give the address of a running one");
    case "ECONNREFUSED":
      return unreachable(`nothing listens at ${name}`, "start buildkitd, or give the address of a running one");
    case "EACCES":
    case "EPERM":
      return unreachable(`this user may not open ${name}`, "become root or a member of the socket's group");
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return unreachable(`the host of ${name} is not known`);
    case "ECONNRESET":
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return unreachable(`${name} can't be reached (${error.code})`);
    default:
      return target.kind === "tcp" && /CERT|TLS|SSL|UNABLE_TO|SELF_SIGNED/.test(error.code ?? "")
        ? new ConnectError("bad-tls", `${name} is not trusted: ${error.message}`, { cause: error })
        : unreachable(`${name} can't be reached: ${error.message}`);
  }
}
