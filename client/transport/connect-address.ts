/**
 * Addresses of engines, as `BUILDKIT_HOST` and `buildctl --addr` take them, and how to reach what they name.
 * Schemes and their parameters as of moby/buildkit v0.33.0: client/connhelper. `docker:` in front of a Docker daemon's address means
 * the BuildKit within that daemon, and is our own notation.
 */

import type { Duplex } from "node:stream";
import { connectCommand } from "./connect-command.ts";
import { ConnectError } from "./connect-error.ts";
import { connectSocket, type SocketTarget, type TlsFiles } from "./connect-socket.ts";
import { upgradeDocker } from "./upgrade-docker.ts";

export interface ConnectOptions {
  /** Files of a TLS client; where given, `tcp://` means TLS. */
  readonly tls?: TlsFiles | undefined;
  /** Environment for the programs that some schemes run. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** How long a socket may take to connect. Default: 10 seconds. */
  readonly timeoutMs?: number | undefined;
}

/** What an address asks for, once it has been understood. */
export type Route =
  | { readonly kind: "socket"; readonly target: SocketTarget }
  | { readonly kind: "command"; readonly file: string; readonly args: readonly string[] }
  | { readonly kind: "docker"; readonly daemon: Route };

/**
 * Understands `address` and returns what opens connections to it, for `RpcClient`. Throws `ConnectError` "bad-address" at once for an
 * address that can't be right; the returned function throws it with other codes when nothing answers.
 */
export function connectAddress(address: string, options: ConnectOptions = {}): () => Promise<Duplex> {
  const route = parseAddress(address);
  return () => connectRoute(route, options);
}

/** Understands an address. Throws `ConnectError` "bad-address". */
export function parseAddress(address: string): Route {
  if (address.startsWith("docker:")) return { kind: "docker", daemon: dockerRoute(address.slice("docker:".length)) };
  const url = parseUrl(address);
  switch (url.protocol) {
    case "unix:":
    case "tcp:":
      return { kind: "socket", target: socketTarget(address, url) };
    case "ssh:":
      return { kind: "command", file: "ssh", args: [...sshArgs(address, url), "buildctl", ...dialSshSocket(url)] };
    case "docker-container:":
      return command("docker", [
        ...flag("--context", url, "context"),
        "exec",
        "-i",
        named(address, url, "container"),
        ...DIAL_STDIO,
      ]);
    case "podman-container:":
      return command("podman", ["exec", "-i", named(address, url, "container"), ...DIAL_STDIO]);
    case "nerdctl-container:":
      return command("nerdctl", [
        "exec",
        ...flag("--namespace", url, "namespace"),
        "-i",
        named(address, url, "container"),
        ...DIAL_STDIO,
      ]);
    case "kube-pod:":
      return command("kubectl", [
        ...["context", "namespace"].flatMap((name) => flag(`--${name}`, url, name)),
        "exec",
        ...flag("--container", url, "container"),
        "-i",
        named(address, url, "pod"),
        "--",
        ...DIAL_STDIO,
      ]);
    default:
      throw new ConnectError("bad-address", `${address} has a scheme that is not known here`, {
        hint: "use unix://, tcp://, ssh://, docker-container://, podman-container://, nerdctl-container:// or kube-pod://",
      });
  }
}

async function connectRoute(route: Route, options: ConnectOptions): Promise<Duplex> {
  switch (route.kind) {
    case "socket":
      return connectSocket(route.target, options);
    case "command":
      return connectCommand(route.file, route.args, options.env);
    case "docker":
      return upgradeDocker(await connectRoute(route.daemon, options));
  }
}

const DIAL_STDIO = ["buildctl", "dial-stdio"];

function command(file: string, args: readonly string[]): Route {
  return { kind: "command", file, args };
}

/** Docker's own addresses: sockets, and `ssh://`, through which its command line gives access to the daemon. */
function dockerRoute(address: string): Route {
  const url = parseUrl(address);
  if (url.protocol === "ssh:") return command("ssh", [...sshArgs(address, url), "docker", "system", "dial-stdio"]);
  if (url.protocol === "unix:" || url.protocol === "tcp:")
    return { kind: "socket", target: socketTarget(address, url) };
  throw new ConnectError("bad-address", `docker:${address} has a scheme that is not known here`, {
    hint: "a Docker daemon is reached by unix://, tcp:// or ssh://",
  });
}

function parseUrl(address: string): URL {
  try {
    return new URL(address);
  } catch (cause) {
    throw new ConnectError("bad-address", `${JSON.stringify(address)} is not an address of a buildkitd`, {
      hint: "such as unix:///run/buildkit/buildkitd.sock or tcp://host:1234",
      cause,
    });
  }
}

function socketTarget(address: string, url: URL): SocketTarget {
  if (url.protocol === "unix:") {
    // Not through URL: a path may hold "?" and "#", and "unix://relative" would lose its first part to the host.
    const path = address.slice("unix://".length);
    if (path === "") throw new ConnectError("bad-address", `${address} names no socket`);
    return { kind: "unix", path };
  }
  const port = Number(url.port);
  if (url.hostname === "" || port === 0) {
    throw new ConnectError("bad-address", `${address} lacks its ${url.hostname === "" ? "host" : "port"}`);
  }
  return { kind: "tcp", host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port };
}

/** Names end up as arguments of programs, where one that begins with "-" would be an option. */
function named(address: string, url: URL, what: string): string {
  const name = decodeURIComponent(url.hostname);
  if (name === "" || name.startsWith("-"))
    throw new ConnectError("bad-address", `${address} lacks the name of a ${what}`);
  return name;
}

function flag(option: string, url: URL, parameter: string): string[] {
  const value = url.searchParams.get(parameter);
  return value === null || value === "" ? [] : [`${option}=${value}`];
}

function sshArgs(address: string, url: URL): string[] {
  if (url.password !== "")
    throw new ConnectError("bad-address", `${url.protocol}//${url.hostname}: a password can't be given to ssh`);
  const user = url.username === "" ? [] : ["-l", decodeURIComponent(url.username)];
  const port = url.port === "" ? [] : ["-p", url.port];
  return [...user, ...port, "--", named(address, url, "host")];
}

/** The path of an `ssh://` address is the socket of the daemon over there. */
function dialSshSocket(url: URL): string[] {
  return url.pathname === "" || url.pathname === "/"
    ? ["dial-stdio"]
    : ["--addr", `unix://${url.pathname}`, "dial-stdio"];
}
