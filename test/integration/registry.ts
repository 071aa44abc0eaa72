// Registries of tests' own: the reference implementation, installed or from Debian's package docker-registry, each on a
// free port and with a storage of its own.
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findProgram } from "../../client/engine/command.ts";
import { provideFromPackage } from "../../client/engine/debian-package.ts";
import { cacheDir, setupOf } from "../../client/engine/host.ts";
import { say, testHost } from "./engine.ts";

export interface TestRegistry extends AsyncDisposable {
  /** Such as 127.0.0.1:34567, which BuildKit talks plain HTTP to. */
  readonly host: string;
  close(): Promise<void>;
}

export interface RegistryOptions {
  /** A line of Apache's password file (bcrypt): the registry then wants a login. */
  readonly htpasswd?: string;
  /** A directory to keep images in, which stays; default: one that goes with the registry. */
  readonly storage?: string;
  /** `auth:` of the registry's configuration, in the place of `htpasswd`. */
  readonly auth?: Readonly<Record<string, unknown>>;
}

/** Why `startRegistry` would fail here; undefined where it would not. Tests that need one then skip themselves, aloud. */
export async function registryMissing(): Promise<string | undefined> {
  return (await registryProgram()) === undefined ? "docker-registry is not there and can't be had" : undefined;
}

/** A registry, or undefined after a line that says that there is none. */
export async function testRegistry(options?: RegistryOptions): Promise<TestRegistry | undefined> {
  const missing = await registryMissing();
  if (missing === undefined) return startRegistry(options);
  say({ kind: "setup", text: `tests that need a registry are skipped: ${missing}` });
  return undefined;
}

export async function startRegistry({ htpasswd, storage, auth }: RegistryOptions = {}): Promise<TestRegistry> {
  const program = await registryProgram();
  if (program === undefined) throw new Error("docker-registry is not there and can't be had");
  const directory = await mkdtemp(join(tmpdir(), "mzbuild-registry-"));
  const configFile = join(directory, "config.yml");
  const passwords = join(directory, "htpasswd");
  await writeFile(passwords, htpasswd ?? "");
  const config = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: storage ?? join(directory, "data") }, delete: { enabled: true } },
    http: { addr: "127.0.0.1:0" },
    ...(htpasswd === undefined ? {} : { auth: { htpasswd: { realm: "test", path: passwords } } }),
    ...(auth === undefined ? {} : { auth }),
  };
  // JSON is YAML, too.
  await writeFile(configFile, JSON.stringify(config));
  const child = spawn(program, ["serve", configFile], { stdio: ["ignore", "ignore", "pipe"] });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const close = async () => {
    child.kill();
    await gone;
    await rm(directory, { recursive: true, force: true });
  };
  const host = await Promise.race([listeningOn(child.stderr), gone.then(() => undefined)]);
  if (host !== undefined) return { host, close, [Symbol.asyncDispose]: close };
  await close();
  throw new Error(`${program} ended right after its start`);
}

/** docker-registry; undefined where it is not there and can't be had. */
export async function registryProgram(): Promise<string | undefined> {
  const host = testHost();
  const binDir = join(cacheDir(host), "test-registry");
  const there = findProgram(host, "docker-registry", [binDir]);
  if (there !== undefined) return there;
  const request = { package: "docker-registry", program: "usr/bin/docker-registry", check: ["--version"], binDir };
  await provideFromPackage(setupOf(host, { install: false }, say), request);
  return findProgram(host, "docker-registry", [binDir]);
}

/** The registry says its address once: `… msg="listening on 127.0.0.1:34567" …` */
function listeningOn(log: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: log }).on("line", (line) => {
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}
