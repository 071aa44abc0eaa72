import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Duplex } from "node:stream";
import { info, RpcClient } from "../../client/index.ts";

/** Paths of PEM files. */
export interface DaemonTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A buildkitd that listens on a port, and trusts only clients whose certificate its `ca` has signed. */
export interface TlsDaemon extends AsyncDisposable {
  readonly address: string;
}

/** Starts `program` (a buildkitd) with a state directory of its own. It may take a moment until it answers at `address`. */
export async function tlsDaemon(program: string, tls: DaemonTls): Promise<TlsDaemon> {
  const directory = await mkdtemp(join(tmpdir(), "mzbuild-daemon-"));
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const args = ["--root", directory, "--addr", address, "--oci-worker=true", "--containerd-worker=false"];
  const certificates = ["--tlscacert", tls.ca, "--tlscert", tls.cert, "--tlskey", tls.key];
  // Where the system has no runc, it lies beside the daemon.
  const env = { ...process.env, PATH: `${dirname(program)}:${process.env["PATH"] ?? ""}` };
  const child = spawn(program, [...args, "--oci-worker-net=host", ...certificates], { stdio: "ignore", env });
  const gone = new Promise((resolve) => child.once("close", resolve));
  return {
    address,
    async [Symbol.asyncDispose]() {
      child.kill();
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Waits until the daemon answers whom it should answer. */
export async function answers(connect: () => Promise<Duplex>): Promise<void> {
  const deadline = Date.now() + 30_000;
  await using client = new RpcClient({ connect });
  for (;;) {
    try {
      await info(client);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
