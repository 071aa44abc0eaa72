import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAddress, info, RpcClient } from "../../client/index.ts";

/** A buildkitd that a test may kill. */
export interface OwnDaemon extends AsyncDisposable {
  readonly address: string;
  kill(): void;
  /** Resolves when its process has ended. */
  readonly gone: Promise<void>;
}

/** Starts `program` (a buildkitd) with a root directory and a socket of its own, and waits until it answers. */
export async function ownDaemon(program: string): Promise<OwnDaemon> {
  const directory = await mkdtemp(join(tmpdir(), "mzbuild-daemon-"));
  const address = `unix://${directory}/sock`;
  const args = ["--root", join(directory, "root"), "--addr", address, "--oci-worker=true", "--containerd-worker=false"];
  const child = spawn(program, [...args, "--oci-worker-net=host"], { stdio: "ignore" });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const dispose = async () => {
    child.kill("SIGKILL");
    await gone;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await answers(address, gone);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { address, gone, kill: () => child.kill("SIGKILL"), [Symbol.asyncDispose]: dispose };
}

async function answers(address: string, gone: Promise<void>): Promise<void> {
  let ended = false;
  gone.then(() => {
    ended = true;
  });
  const deadline = Date.now() + 30_000;
  await using client = new RpcClient({ connect: connectAddress(address) });
  for (;;) {
    try {
      await info(client);
      return;
    } catch (error) {
      if (ended || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
