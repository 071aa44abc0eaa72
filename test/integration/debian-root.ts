// Debian with packages as a directory of this machine, to run its servers in: real ones, and nothing is installed here.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type CargoEngine, solveState } from "./cargo-builds.ts";

export interface DebianRoot extends Disposable {
  readonly directory: string;
  /** Runs a command in it to its end, and gives what it prints. */
  run(...command: readonly string[]): string;
  /** Starts a server, and waits until it takes connections at a port of this machine. */
  start(port: number, ...command: readonly string[]): Promise<AsyncDisposable>;
}

/** Why it can't be had; undefined where it can. */
export const debianRootMissing = process.getuid?.() === 0 ? undefined : "takes root";

export async function debianRoot(engine: CargoEngine, packages: readonly string[]): Promise<DebianRoot> {
  const directory = mkdtempSync(join(tmpdir(), "mzbuild-debian-"));
  const install = `apt-get update -qq && apt-get install -qq -y --no-install-recommends ${packages.join(" ")}`;
  const state = engine.bare.run(["/bin/sh", "-c", install], { name: `Debian with ${packages.join(", ")}` }).root;
  const { failure } = await solveState(engine, state, { directories: {}, destination: directory });
  if (failure !== undefined) throw new Error(failure.message);
  const mounts = 'mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && exec chroot "$@"';
  const enter = (command: readonly string[]) => {
    return ["--mount", "--pid", "--fork", "--kill-child=KILL", "sh", "-euc", mounts, "sh", directory, ...command];
  };
  return {
    directory,
    run: (...command) => execFileSync("unshare", enter(command), { encoding: "utf8" }),
    start: async (port, ...command) => {
      const server = spawn("unshare", enter(command), { stdio: ["ignore", "inherit", "inherit"] });
      await listening(server, port);
      return {
        [Symbol.asyncDispose]: async () => {
          const ended = once(server, "close");
          server.kill("SIGKILL");
          await ended;
        },
      };
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function listening(server: ChildProcess, port: number): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await setTimeout(50);
  }
  throw new Error(`no server listens at port ${port}`);
}
