import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { EngineHost } from "../../../client/engine/index.ts";

/** A directory that goes when the test is over. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "mzbuild-test-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A Linux machine with an empty home directory and nothing on PATH. */
export async function emptyHost(env: Readonly<Record<string, string>> = {}): Promise<EngineHost> {
  return { env, platform: "linux", arch: "x64", homeDir: await temporaryDirectory(), uid: 1000 };
}

/** Writes files below the host's home directory; values that aren't strings as JSON. */
export async function writeHome(host: EngineHost, files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(host.homeDir, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  }
}
