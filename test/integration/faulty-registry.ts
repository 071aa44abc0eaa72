// A way to a registry on which things go wrong: an HTTP proxy that a test tells what to do with which request.
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Fault =
  /** Answers in the registry's place. */
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Ends the connection at once. */
  | { readonly kind: "reset" }
  /** Ends the connection when some bytes of the request have come. */
  | { readonly kind: "cut-request"; readonly afterBytes: number }
  /** Never answers. */
  | { readonly kind: "hold" }
  /** Ends the connection in the middle of the answer, whose length was promised. */
  | { readonly kind: "truncate" };

/** What to do with a request; undefined to let it through. `path` is that of the URL. */
export type Faults = (method: string, path: string) => Fault | undefined;

export interface FaultyRegistry extends AsyncDisposable {
  readonly host: string;
  faults: Faults;
  /** `METHOD PATH` of every request on which something went wrong. */
  readonly suffered: string[];
}

export async function faultyRegistry(registryHost: string): Promise<FaultyRegistry> {
  const server = createServer((incoming, outgoing) => {
    const [method = "", path = ""] = [incoming.method, incoming.url];
    const fault = faulty.faults(method, path);
    if (fault !== undefined) faulty.suffered.push(`${method} ${path}`);
    handle(incoming, outgoing, registryHost, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const faulty: FaultyRegistry = {
    host: `127.0.0.1:${port}`,
    faults: () => undefined,
    suffered: [],
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return faulty;
}

/** Lets each of these requests fail once: `METHOD` and a part of the path. */
export function onceEach(...faults: readonly (readonly [string, RegExp, Fault])[]): Faults {
  const left = [...faults];
  return (method, path) => {
    const index = left.findIndex(([wanted, pattern]) => wanted === method && pattern.test(path));
    return index < 0 ? undefined : left.splice(index, 1)[0]?.[2];
  };
}

/** As the reference implementation puts it. */
function wordsOf(status: number): { readonly code: string; readonly message: string } {
  if (status === 403) return { code: "DENIED", message: "requested access to the resource is denied" };
  if (status === 429) return { code: "TOOMANYREQUESTS", message: "too many requests" };
  return { code: "UNKNOWN", message: "unknown error" };
}

function handle(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  registryHost: string,
  fault: Fault | undefined,
): void {
  switch (fault?.kind) {
    case "status":
      incoming.resume();
      outgoing.writeHead(fault.status, fault.headers).end(JSON.stringify({ errors: [wordsOf(fault.status)] }));
      return;
    case "hold":
      incoming.resume();
      return;
    case "reset":
      incoming.socket.resetAndDestroy();
      return;
    case "cut-request": {
      let bytes = 0;
      const cut = (chunk: Buffer): void => {
        bytes += chunk.length;
        if (bytes >= fault.afterBytes) incoming.socket.resetAndDestroy();
      };
      incoming.on("data", cut);
      incoming.on("end", () => incoming.socket.resetAndDestroy());
      return;
    }
    default:
      forward(incoming, outgoing, registryHost, fault?.kind === "truncate");
  }
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, registryHost: string, truncate: boolean): void {
  const [hostname, port] = registryHost.split(":");
  const { method, url: path, headers } = incoming;
  // With the caller's own Host, by which the registry names the places of uploads.
  const onward = request({ hostname, port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    if (!truncate) {
      answer.pipe(outgoing);
      return;
    }
    answer.once("data", (chunk: Buffer) => {
      outgoing.write(chunk.subarray(0, chunk.length / 2), () => outgoing.socket?.resetAndDestroy());
    });
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  incoming.pipe(onward);
}
