// The engines that integration tests build on: one that all of them share, and private ones that a test may kill.
// Both are the embedded engine with a state directory of their own, so that nobody's daemon or cache is disturbed; the
// programs (buildkitd, which may take minutes to build) are those of the user's own cache directory.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { findProgram } from "../../client/engine/command.ts";
import { embeddedLayout } from "../../client/engine/embedded/layout.ts";
import { cacheDir } from "../../client/engine/host.ts";
import { type EmbeddedEngine, type EngineHost, embeddedEngine, type OnSetup } from "../../client/engine/index.ts";

/** Lines that tests have to say aloud: that something takes long, or can't be tested here. */
export const say: OnSetup = ({ text }) => process.stderr.write(`${text}\n`);

/** This machine, with changes to its environment; undefined unsets a variable. */
export function testHost(env: Readonly<Record<string, string | undefined>> = {}): EngineHost {
  const { platform, arch } = process;
  return { env: { ...process.env, ...env }, platform, arch, homeDir: homedir(), uid: process.getuid?.() };
}

/** The state of the shared engine: kept between test runs, so that they find their base images cached. */
function sharedHost(): EngineHost {
  const data = join(cacheDir(testHost()), "test-engine");
  return testHost({ XDG_DATA_HOME: data, XDG_CONFIG_HOME: join(data, "config"), MZBUILD_BUILDKITD_CONFIG: undefined });
}

export function sharedEngine(): EmbeddedEngine {
  return embeddedEngine(sharedHost());
}

/** The engine that tests share: the one at MZBUILD_TEST_ENGINE, or our own, which is started where it doesn't run. */
export async function testEngine(): Promise<{ readonly address: string }> {
  const address = process.env["MZBUILD_TEST_ENGINE"];
  return address ? { address } : sharedEngine().start(say);
}

/** A buildkitd to start by other means than ours. */
export async function buildkitdProgram(): Promise<string | undefined> {
  await testEngine();
  const host = sharedHost();
  return findProgram(host, "buildkitd", [embeddedLayout(host).binDir]);
}

export interface PrivateEngine extends AsyncDisposable {
  readonly engine: EmbeddedEngine;
  readonly host: EngineHost;
  readonly address: string;
  /** kill -9 of the daemon's process, and nothing else. Returns when it is gone. */
  kill(): Promise<void>;
}

/** An engine of this test alone, running; disposing of it removes its state, too. `settings` is a buildkitd.toml, laid over ours. */
export async function privateEngine(settings?: string): Promise<PrivateEngine> {
  const directory = await mkdtemp(join(tmpdir(), "mzbuild-engine-"));
  if (settings !== undefined) {
    await mkdir(join(directory, "mzbuild"));
    await writeFile(join(directory, "mzbuild/buildkitd.toml"), settings);
  }
  const host = testHost({ XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory, MZBUILD_BUILDKITD_CONFIG: undefined });
  const engine = embeddedEngine(host);
  const dispose = async () => {
    await engine.stop();
    await rm(directory, { recursive: true, force: true });
    await rm(embeddedLayout(host).runtimeDir, { recursive: true, force: true });
  };
  const kill = async () => {
    const status = await engine.status();
    if (status.kind !== "running") return;
    process.kill(status.pid, "SIGKILL");
    while ((await engine.status()).kind === "running") await setTimeout(10);
  };
  try {
    await engine.start(say);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { engine, host, address: engine.address, kill, [Symbol.asyncDispose]: dispose };
}
