import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestRegistry {
  /** Such as 127.0.0.1:34567, which BuildKit talks plain HTTP to. */
  readonly host: string;
  close(): Promise<void>;
}

/** Why `startRegistry` would fail here; undefined where it would not. */
export function registryMissing(): string | undefined {
  try {
    execFileSync("docker-registry", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "docker-registry is not installed";
  }
}

/** Starts Debian's docker-registry with a storage of its own; `htpasswd` is a line of Apache's password file (bcrypt). */
export async function startRegistry(options: { readonly htpasswd?: string } = {}): Promise<TestRegistry> {
  const directory = await mkdtemp(join(tmpdir(), "registry-"));
  const port = await freePort();
  const auth =
    options.htpasswd === undefined ? "" : `auth: { htpasswd: { realm: test, path: ${directory}/htpasswd } }\n`;
  await writeFile(join(directory, "htpasswd"), options.htpasswd ?? "");
  await writeFile(
    join(directory, "config.yml"),
    `version: 0.1\nstorage: { filesystem: { rootdirectory: ${directory}/data } }\nhttp: { addr: "127.0.0.1:${port}" }\n${auth}`,
  );
  const registry = spawn("docker-registry", ["serve", join(directory, "config.yml")], { stdio: "ignore" });
  const host = `127.0.0.1:${port}`;
  await untilAnswers(registry, `http://${host}/v2/`);
  return {
    host,
    async close() {
      const exited = new Promise((resolve) => registry.once("exit", resolve));
      registry.kill();
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function untilAnswers(registry: ChildProcess, url: string): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const answered = await fetch(url).then(
      () => true,
      () => false, // not listening yet
    );
    if (answered) return;
    if (registry.exitCode !== null) throw new Error(`docker-registry ended with ${registry.exitCode}`);
    if (Date.now() > deadline) throw new Error(`docker-registry does not answer at ${url}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
