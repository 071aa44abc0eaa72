/**
 * A private ssh-agent for key files: OpenSSH's own program, started for one build, so that every type of key works that
 * the user's ssh knows. (The original has an agent in its process; there is none for Node that is as widely used.)
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { ClientError } from "../client-error.ts";

export interface KeyAgent {
  readonly socket: string;
  close(): Promise<void>;
}

/**
 * Loads `keys` (paths of private keys) into a fresh agent. Keys with a passphrase are refused, for nobody is asked.
 * Throws `ClientError` "ssh-agent-failed". `environment` is what the programs get, for PATH.
 */
export async function startKeyAgent(
  keys: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<KeyAgent> {
  const directory = await mkdtemp(join(tmpdir(), "ssh-keys-"));
  const socket = join(directory, "agent.sock");
  const options = { extendEnv: false, reject: false, stdin: "ignore" } as const;
  const agent = execa("ssh-agent", ["-D", "-a", socket], { ...options, env: { ...environment } });
  const close = async (): Promise<void> => {
    agent.kill();
    await agent;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await Promise.race([announced(agent.stdout), agent.then((result) => fail("ssh-agent", result))]);
    // Without a terminal and with SSH_ASKPASS_REQUIRE=never, a passphrase can't be asked for.
    const env = { ...environment, SSH_AUTH_SOCK: socket, SSH_ASKPASS_REQUIRE: "never" };
    const added = await execa("ssh-add", ["-q", ...keys], { ...options, env });
    if (added.failed) fail("ssh-add", added);
    return { socket, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The agent prints where its socket is once it listens. */
async function announced(output: NodeJS.ReadableStream): Promise<void> {
  await once(createInterface({ input: output }), "line");
}

function fail(program: string, result: { readonly stderr: string; readonly code?: string | undefined }): never {
  const reason = result.code === "ENOENT" ? "it is not installed" : result.stderr.trim() || "it ended early";
  throw new ClientError("ssh-agent-failed", `${program} failed: ${reason}`, {
    hint: "load the key into an agent yourself (ssh-add) and forward its socket",
  });
}
