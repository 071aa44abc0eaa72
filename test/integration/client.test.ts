import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { directoryTree } from "../../client/filesync/directory-tree.ts";
import { fileSyncService } from "../../client/filesync/file-sync-service.ts";
import {
  type Container,
  connectAddress,
  diskUsage,
  info,
  listenBuildHistory,
  listWorkers,
  openSession,
  type ProgressEvent,
  RpcClient,
  RpcError,
  type SolveResult,
  solve,
  updateBuildHistory,
} from "../../client/index.ts";
import { control, type Init, pb } from "../../proto/index.ts";
import { privateEngine, testEngine } from "./engine.ts";
import { hostRootfs } from "./host-rootfs.ts";

let client: RpcClient;
let rootfs: string;
beforeAll(async () => {
  rootfs = await mkdtemp(join(tmpdir(), "mzbuild-rootfs-"));
  await hostRootfs(rootfs, ["sh", "stty", "sleep", "cat"]);
  const { address } = await testEngine();
  client = new RpcClient({ connect: connectAddress(address) });
});
afterAll(async () => {
  await client.close();
  await rm(rootfs, { recursive: true });
});

/** The session service that `programs` needs. */
const rootfsService = () => fileSyncService(new Map([["rootfs", directoryTree(rootfs)]]));

/** A file system with a shell in it. */
const programs = (): Init<pb.Op> => ({
  source: { identifier: "local://rootfs", attrs: { "local.sharedkeyhint": rootfs } },
});

const shell =
  (script: string) =>
  (digestOf: (index: number) => string): Init<pb.Op> => ({
    inputs: [{ digest: digestOf(0) }],
    exec: { meta: { args: ["/bin/sh", "-c", script], cwd: "/", env: [environment] }, mounts: [{ dest: "/" }] },
  });

const environment = "PATH=/bin:/usr/bin";

/** A definition of ops, each of which may name earlier ones by their index; the last is the result. */
function definition(...ops: readonly ((digestOf: (index: number) => string) => Init<pb.Op>)[]): Init<pb.Definition> {
  const digests: string[] = [];
  const def = ops.map((op) => {
    const bytes = pb.Op.encode(op((index) => digests[index]!));
    digests.push(`sha256:${createHash("sha256").update(bytes).digest("hex")}`);
    return bytes;
  });
  return { def: [...def, pb.Op.encode({ inputs: [{ digest: digests.at(-1)! }] })] };
}

const file = (path: string, text: string) => (): Init<pb.Op> => ({
  file: {
    actions: [{ input: -1, secondaryInput: -1, mkfile: { path, mode: 0o644, data: Buffer.from(text), timestamp: -1 } }],
  },
});

/** A promise and what resolves it. */
function event(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function done(result: SolveResult): Extract<SolveResult, { kind: "done" }> {
  if (result.kind !== "done") expect.fail(result.kind === "failed" ? result.failure.message : result.kind);
  return result;
}

describe("control calls", () => {
  test("tell who answers, and what its workers can build", async () => {
    expect((await info(client))?.version).not.toBe("");
    const [worker] = await listWorkers(client);
    expect(worker?.platforms.map(({ OS }) => OS)).toContain("linux");
  });

  test("list the cache", async () => {
    done(await solve(client, { work: { kind: "definition", definition: definition(file("/cached", "x")) } }));
    expect((await diskUsage(client)).length).toBeGreaterThan(0);
  });
});

describe("solve", () => {
  test("builds a definition and tells its progress", async () => {
    const events: ProgressEvent[] = [];
    const content = `hello at ${Date.now()}`;
    const work = { kind: "definition", definition: definition(file("/hello", content)) } as const;
    done(await solve(client, { work, onProgress: (event) => events.push(event) }));
    const vertices = events.filter((event) => event.kind === "vertex");
    expect(vertices.map(({ name }) => name)).toContain("mkfile /hello");
    expect(vertices.at(-1)?.completedMs).toBeGreaterThan(vertices.at(-1)?.startedMs ?? Infinity);
    expect(vertices.at(-1)?.cached).toBe(false);

    const again: ProgressEvent[] = [];
    done(await solve(client, { work, onProgress: (event) => again.push(event) }));
    expect(again.filter((event) => event.kind === "vertex").at(-1)?.cached).toBe(true);
  });

  test("gives a failed build as a result that names the vertex", async () => {
    const bad = definition(file("/hello", "x"), (digestOf) => ({
      inputs: [{ digest: digestOf(0) }],
      file: { actions: [{ input: 0, secondaryInput: -1, rm: { path: "/nothing" } }] },
    }));
    const result = await solve(client, { work: { kind: "definition", definition: bad } });
    if (result.kind !== "failed") expect.fail(result.kind);
    expect(result.failure.message).toContain("nothing");
    expect(result.failure.vertex).toBe(`sha256:${createHash("sha256").update(bad.def![1]!).digest("hex")}`);
  });

  test("runs a build function in this process, with the gateway to ask", async () => {
    const read: string[] = [];
    const result = await solve(client, {
      work: {
        kind: "function",
        async build(gateway) {
          const { frontend, llb } = await gateway.ping();
          expect([frontend.has("readfile"), llb.has("file.base")]).toEqual([true, true]);
          const solved = await gateway.solve({ Definition: definition(file("/greeting", "hello")) });
          const ref = solved.ref?.id ?? "";
          read.push(Buffer.from(await gateway.readFile({ ref, path: "/greeting" })).toString());
          read.push(
            Buffer.from(await gateway.readFile({ ref, path: "/greeting", offsetBytes: 1, lengthBytes: 3 })).toString(),
          );
          read.push((await gateway.readDir({ ref, path: "/" })).map(({ path, size }) => `${path} ${size}`).join());
          read.push(String((await gateway.statFile({ ref, path: "/greeting" })).size));
          return solved;
        },
      },
    });
    done(result);
    expect(read).toEqual(["hello", "ell", "greeting 5", "5"]);
  });

  test("fails with what a build function throws", async () => {
    const thrown = new RpcError("INVALID_ARGUMENT", "mzbuild.yml:3: no such image");
    const build = async () => {
      throw thrown;
    };
    const result = await solve(client, { work: { kind: "function", build } });
    if (result.kind !== "failed") expect.fail(result.kind);
    expect(result.failure.code).toBe("INVALID_ARGUMENT");
    expect(result.failure.message).toBe("mzbuild.yml:3: no such image");
    expect(result.failure.thrown).toBe(thrown);
  });

  test("tells the lines that a frontend complains of", async () => {
    const context = await mkdtemp(join(tmpdir(), "mzbuild-dockerfile-"));
    await writeFile(join(context, "Dockerfile"), "FROM scratch\n\nCOPPY a b\n");
    const services = fileSyncService(
      new Map([
        ["context", directoryTree(context)],
        ["dockerfile", directoryTree(context)],
      ]),
    );
    const result = await solve(client, { work: { kind: "frontend", frontend: "dockerfile.v0" }, services });
    await rm(context, { recursive: true });
    if (result.kind !== "failed") expect.fail(result.kind);
    const [source] = result.failure.sources;
    expect(source).toMatchObject({ filename: "Dockerfile", text: "FROM scratch\n\nCOPPY a b\n" });
    expect(source?.ranges.map(({ start }) => start.line)).toEqual([3]);
  });

  test("that the daemon refuses is over soon", async () => {
    const result = await solve(client, {
      work: { kind: "definition", definition: definition(file("/a", "x")) },
      exporters: [{ Type: "no-such-exporter" }],
    });
    if (result.kind !== "failed") expect.fail(result.kind);
    expect(result.failure.message).toContain("no-such-exporter");
  });

  test("can share a session with others", async () => {
    await using session = await openSession(client, { services: [] });
    const work = (name: string) => ({ kind: "definition", definition: definition(file(name, "x")) }) as const;
    for (const result of await Promise.all(["/a", "/b"].map((name) => solve(client, { work: work(name), session }))))
      done(result);
  });
});

describe("steps that run programs", () => {
  test("fail the build with their exit code, after their output came as progress", async () => {
    const logged: string[] = [];
    const result = await solve(client, {
      work: { kind: "definition", definition: definition(programs, shell(`echo to be seen; exit 42 # ${Date.now()}`)) },
      services: rootfsService(),
      onProgress: (event) => event.kind === "log" && logged.push(Buffer.from(event.data).toString()),
    });
    if (result.kind !== "failed") expect.fail(result.kind);
    expect(result.failure.exitCode).toBe(42);
    expect(logged.join("")).toBe("to be seen\n");
  });

  test("are stopped on the daemon when the solve is cancelled", async () => {
    const controller = new AbortController();
    const result = await solve(client, {
      work: { kind: "definition", definition: definition(programs, shell(`echo up; sleep 1000 # ${Date.now()}`)) },
      services: rootfsService(),
      onProgress: (event) => event.kind === "log" && controller.abort(),
      signal: controller.signal,
    });
    expect(result.kind).toBe("cancelled");
    for await (const { type, record } of listenBuildHistory(client, { Ref: result.ref })) {
      if (type !== control.BuildHistoryEventType.COMPLETE) continue;
      expect(record?.error?.message).toMatch(/cancell?ed/);
      break;
    }
    await updateBuildHistory(client, { Ref: result.ref, Delete: true });
    for await (const { record } of listenBuildHistory(client, { EarlyExit: true })) {
      expect(record?.Ref).not.toBe(result.ref);
    }
  });
});

describe("containers of the gateway", () => {
  /** Runs `use` with a container of the host's programs, within a solve. */
  async function withContainer(use: (container: Container) => Promise<void>): Promise<void> {
    const result = await solve(client, {
      services: rootfsService(),
      work: {
        kind: "function",
        async build(gateway) {
          const { ref } = await gateway.solve({ Definition: definition(programs) });
          await using container = await gateway.newContainer({ Mounts: [{ dest: "/", resultID: ref?.id }] });
          await use(container);
          return {};
        },
      },
    });
    done(result);
  }

  test("run processes: input in, output out, exit code back", async () => {
    await withContainer(async (container) => {
      const [out, err]: [string[], string[]] = [[], []];
      const process = container.run({
        args: ["/bin/sh", "-c", "echo started >&2; read line; echo got $line; cat; exit 7"],
        env: [environment],
        stdin: (async function* () {
          yield Buffer.from("one\ntwo\n");
        })(),
        onStdout: async (data) => void out.push(Buffer.from(data).toString()),
        onStderr: async (data) => void err.push(Buffer.from(data).toString()),
      });
      await process.started;
      expect(await process.exit).toBe(7);
      expect(out.join("")).toBe("got one\ntwo\n");
      expect(err.join("")).toBe("started\n");
    });
  });

  test("give a process a terminal of the size it is told", async () => {
    await withContainer(async (container) => {
      const out: string[] = [];
      // The daemon passes the size on when it gets to it, which may be after the process has begun to look.
      const process = container.run({
        args: ["/bin/sh", "-c", 'until [ "$(stty size)" = "33 111" ]; do sleep 0.05; done; echo resized'],
        env: [environment],
        tty: true,
        onStdout: async (data) => void out.push(Buffer.from(data).toString()),
      });
      process.resize({ rows: 33, columns: 111 });
      expect(await process.exit).toBe(0);
      expect(out.join("")).toBe("resized\r\n");
    });
  });

  test("let a person type into a terminal", async () => {
    await withContainer(async (container) => {
      const out: string[] = [];
      const ready = event();
      const process = container.run({
        args: ["/bin/sh", "-c", "echo ready; read line; echo got $line"],
        env: [environment],
        tty: true,
        stdin: (async function* () {
          await ready.promise;
          yield Buffer.from("words\r");
          // Like a person's, this input doesn't end with the process.
          await new Promise(() => {});
        })(),
        onStdout: async (data) => {
          out.push(Buffer.from(data).toString());
          ready.resolve();
        },
      });
      expect(await process.exit).toBe(0);
      expect(out.join("")).toBe("ready\r\nwords\r\ngot words\r\n");
    });
  });

  test("pass signals on", async () => {
    await withContainer(async (container) => {
      const process = container.run({
        args: ["/bin/sh", "-c", "trap 'exit 5' INT; echo ready; while :; do sleep 0.1; done"],
        env: [environment],
        onStdout: async () => process.kill("INT"),
      });
      expect(await process.exit).toBe(5);
    });
  });

  test("say what is wrong with a program that can't be run", async () => {
    await withContainer(async (container) => {
      const err: string[] = [];
      const onStderr = async (data: Uint8Array) => void err.push(Buffer.from(data).toString());
      expect(await container.run({ args: ["/no/such/program"], env: [environment], onStderr }).exit).not.toBe(0);
      expect(err.join("")).toContain("/no/such/program");
    });
  });
});

describe("a daemon that goes away", () => {
  test("fails the build under way with words that say so, and what comes after with where it looked", async () => {
    await using daemon = await privateEngine();
    await using lonely = new RpcClient({ connect: connectAddress(daemon.address) });
    let dead: Promise<void> | undefined;
    const solving = solve(lonely, {
      work: {
        kind: "function",
        async build(gateway) {
          await gateway.ping();
          dead = daemon.kill();
          await dead;
          return new Promise(() => {});
        },
      },
    });
    const error = await solving.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({
      code: "UNAVAILABLE",
      connectionLost: true,
      message: "the connection to buildkitd was lost",
    });
    // A dying process closes its connections one by one, and may do so before it stops to listen.
    await dead;
    await expect(info(lonely)).rejects.toMatchObject({ name: "ConnectError", code: "unreachable" });
  });
});
