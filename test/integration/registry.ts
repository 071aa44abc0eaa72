// A registry of a test's own: the reference implementation from Debian's package docker-registry, on a free port.
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
  /** "127.0.0.1:PORT"; BuildKit speaks plain HTTP to it. */
  readonly host: string;
  stop(): Promise<void>;
}

/** undefined, after a line that says why, where there is no registry to be had: tests that need one are to be skipped. */
export async function testRegistry(): Promise<TestRegistry | undefined> {
  const program = await registryProgram();
  if (program === undefined) return undefined;
  const directory = await mkdtemp(join(tmpdir(), "mzbuild-registry-"));
  const configFile = join(directory, "config.yml");
  const storage = { filesystem: { rootdirectory: join(directory, "data") }, delete: { enabled: true } };
  // JSON is YAML, too.
  await writeFile(configFile, JSON.stringify({ version: 0.1, storage, http: { addr: "127.0.0.1:0" } }));
  const child = spawn(program, ["serve", configFile], { stdio: ["ignore", "ignore", "pipe"] });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill();
    await gone;
    await rm(directory, { recursive: true, force: true });
  };
  const host = await Promise.race([listeningOn(child.stderr), gone.then(() => undefined)]);
  if (host !== undefined) return { host, stop, [Symbol.asyncDispose]: stop };
  await stop();
  throw new Error(`${program} ended right after its start`);
}

async function registryProgram(): Promise<string | undefined> {
  const host = testHost();
  const binDir = join(cacheDir(host), "test-registry");
  const find = () => findProgram(host, "docker-registry", [binDir]) ?? findProgram(host, "registry", [binDir]);
  const there = find();
  if (there !== undefined) return there;
  const request = { package: "docker-registry", program: "usr/bin/docker-registry", check: ["--version"], binDir };
  const result = await provideFromPackage(setupOf(host, {}, say), request);
  if (result.kind === "missing")
    say({ kind: "setup", text: `tests that need a registry are skipped: ${result.reason}` });
  return find();
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
