import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { findProgram } from "../../client/engine/command.ts";
import { embeddedLayout } from "../../client/engine/embedded/layout.ts";
import {
  connectAddress,
  type EngineError,
  type EngineHost,
  embeddedEngine,
  findEngine,
  listWorkers,
  RpcClient,
} from "../../client/index.ts";
import { privateEngine, say, testHost } from "./engine.ts";

/** Pids of the host's processes whose command line names the engine's configuration: the daemon and what wraps it. */
async function processesOf(host: EngineHost): Promise<readonly string[]> {
  const { configFile } = embeddedLayout(host);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return pids.filter((_, i) => lines[i]!.split("\0").includes(configFile));
}

/** The distinct states of a process's threads, as proc(5) has them: T is stopped. */
async function threadStates(pid: number): Promise<readonly string[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const stats = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, "utf8")));
  return [...new Set(stats.map((stat) => stat.slice(stat.lastIndexOf(")") + 2)[0]!))];
}

async function workerIds(address: string): Promise<readonly string[]> {
  await using client = new RpcClient({ connect: connectAddress(address) });
  return (await listWorkers(client)).map(({ ID }) => ID);
}

/** A PATH with these programs and no others. */
async function pathOf(...programs: readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "mzbuild-path-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const name of programs) await symlink(findProgram(testHost(), name)!, join(directory, name));
  return directory;
}

const failureOf = (promise: Promise<unknown>): Promise<EngineError> =>
  promise.then(
    () => expect.unreachable("it succeeded"),
    (error) => error,
  );

/** Nobody else's engine: the machine that runs the tests may have some. */
const alone = { BUILDKIT_HOST: undefined, BUILDX_BUILDER: undefined, DOCKER_HOST: "unix:///nonexistent/docker.sock" };

describe.skipIf(process.platform !== "linux")("the embedded engine", () => {
  test("is one daemon for all runs that start it at the same time", async () => {
    await using own = await privateEngine();
    const wrapped = (await processesOf(own.host)).length;
    await own.engine.stop();
    const starts = [1, 2, 3].map(() => embeddedEngine(own.host).start(say));
    const descriptions = (await Promise.all(starts)).map(({ description }) => description);
    expect(new Set(descriptions).size).toBe(1);
    expect(await processesOf(own.host)).toHaveLength(wrapped);
  });

  test("that was killed is started anew by the next run, with its cache", async () => {
    await using own = await privateEngine();
    const before = await workerIds(own.address);
    await own.kill();
    await expect.poll(async () => (await own.engine.status()).kind).toBe("stopped");
    const said: string[] = [];
    await own.engine.start(({ text }) => said.push(text));
    expect(said).toContain("the engine had ended without being stopped: starting anew");
    // A worker's id is kept in the engine's state.
    expect(await workerIds(own.address)).toEqual(before);
  });

  test("has temporary files of its own, and sweeps the empty directories that it left when it starts", async () => {
    await using own = await privateEngine();
    const { temporaryDir } = embeddedLayout(own.host);
    await own.engine.stop();
    await mkdir(join(temporaryDir, "buildkit-mount1"));
    await mkdir(join(temporaryDir, "kept"));
    await writeFile(join(temporaryDir, "kept/file"), "");
    await own.engine.start(say);
    expect(await readdir(temporaryDir)).toEqual(["kept"]);
  });

  test("takes all of its processes with it when it is killed", async () => {
    await using own = await privateEngine();
    expect(await processesOf(own.host)).not.toEqual([]);
    await own.kill();
    await expect.poll(() => processesOf(own.host), { timeout: 10_000 }).toEqual([]);
  });

  test("that doesn't answer any more is ended, and another one started", async () => {
    await using own = await privateEngine();
    const before = await own.engine.status();
    if (before.kind !== "running") return expect.unreachable("it doesn't run");
    process.kill(before.pid, "SIGSTOP");
    // Its threads stop one by one; until the last one has, it may still answer.
    await expect.poll(() => threadStates(before.pid)).toEqual(["T"]);
    const said: string[] = [];
    const engine = await own.engine.start(({ text }) => said.push(text));
    expect(said[0]).toBe(`the engine (process ${before.pid}) does not answer: ending it and starting anew`);
    expect(await workerIds(engine.address)).toHaveLength(1);
  });

  test("is taken over when the run that started it was killed before it could note that", async () => {
    await using own = await privateEngine();
    await rm(embeddedLayout(own.host).stateFile);
    const said: string[] = [];
    const engine = await embeddedEngine(own.host).start(({ text }) => said.push(text));
    expect(engine.address).toBe(own.address);
    expect(said).toEqual([]);
  });

  test("stops, says so, and doesn't mind to be stopped again", async () => {
    await using own = await privateEngine();
    expect(await own.engine.status()).toMatchObject({ kind: "running", answers: true });
    expect(await own.engine.stop()).toBe(true);
    expect(await own.engine.status()).toEqual({ kind: "stopped", logFile: own.engine.logFile });
    expect(await own.engine.stop()).toBe(false);
    expect(await processesOf(own.host)).toEqual([]);
  });

  test("that can't start says why with the end of its log", async () => {
    await using own = await privateEngine();
    await own.engine.stop();
    const { userConfigFile } = embeddedLayout(own.host);
    await mkdir(dirname(userConfigFile), { recursive: true });
    await writeFile(userConfigFile, '[worker.oci]\nsnapshotter = "no-such-thing"\n');
    const failure = await failureOf(own.engine.start(say));
    expect(failure.code).toBe("engine-start-failed");
    expect(failure.message).toContain("no-such-thing");
  });

  test("says when the settings have changed since it was started", async () => {
    await using own = await privateEngine();
    const { userConfigFile } = embeddedLayout(own.host);
    await mkdir(dirname(userConfigFile), { recursive: true });
    await writeFile(userConfigFile, "[worker.oci]\nmax-parallelism = 2\n");
    const said: string[] = [];
    await own.engine.start(({ text }) => said.push(text));
    expect(said).toEqual([expect.stringContaining(`other settings than ${userConfigFile} now has`)]);
  });
});

describe.skipIf(process.platform !== "linux")("finding an engine", () => {
  test("takes the embedded one where there is no other, and says so in a line", async () => {
    await using own = await privateEngine();
    const host = { ...own.host, env: { ...own.host.env, ...alone } };
    const engine = await findEngine(host, {}, say);
    expect(engine).toMatchObject({ kind: "embedded", address: own.address });
    expect(engine.description).toMatch(
      /^BuildKit v\S+ at unix:\S+ \(the embedded engine, process \d+; buildkitd v.*\)$/,
    );
  });

  test("takes the one that was named, by its address or by BUILDKIT_HOST", async () => {
    await using own = await privateEngine();
    const named = await findEngine(own.host, { buildkit: own.address }, say);
    expect(named).toMatchObject({ kind: "given", address: own.address, version: expect.stringMatching(/^v\d/) });
    const env = { ...own.host.env, BUILDKIT_HOST: own.address };
    expect(await findEngine({ ...own.host, env }, {}, say)).toMatchObject({ kind: "given", address: own.address });
  });

  test("takes the selected buildx builder of the remote driver", async () => {
    await using own = await privateEngine();
    const buildx = join(own.host.env["XDG_DATA_HOME"]!, "buildx");
    await mkdir(join(buildx, "instances"), { recursive: true });
    await writeFile(join(buildx, "current"), JSON.stringify({ Key: "", Name: "mine", Global: true }));
    const instance = { Name: "mine", Driver: "remote", Nodes: [{ Name: "mine0", Endpoint: own.address }] };
    await writeFile(join(buildx, "instances/mine"), JSON.stringify(instance));
    const env = { ...own.host.env, ...alone, BUILDX_CONFIG: buildx };
    expect(await findEngine({ ...own.host, env }, {}, say)).toMatchObject({ kind: "buildx", address: own.address });
  });

  test("says what it has tried and what to do where no engine is to be had", async () => {
    const homeDir = await mkdtemp(join(tmpdir(), "mzbuild-home-"));
    onTestFinished(() => rm(homeDir, { recursive: true }));
    // A plain user of a machine on which nothing is installed.
    const PATH = await pathOf("flock", "sh", "cat");
    const host: EngineHost = { ...testHost(), env: { ...alone, PATH }, homeDir, uid: 1000 };
    const failure = await failureOf(findEngine(host, { install: false }, say));
    expect(failure.code).toBe("no-engine");
    expect(failure.tried.map(({ what }) => what)).toEqual([
      "Docker at unix:///nonexistent/docker.sock",
      "buildkitd at /run/buildkit/buildkitd.sock",
      "the embedded engine",
    ]);
    expect(failure.tried.at(-1)?.result).toBe("newuidmap and newgidmap are needed to run an engine without root");
    expect(failure.hint).toContain("apt-get install uidmap");
  });
});
