import { describe, expect, test } from "vitest";
import { EngineError, type EngineHost, type FindEngineOptions, findEngine } from "../../../client/engine/index.ts";
import type { Probe } from "../../../client/engine/probe.ts";
import { emptyHost, writeHome } from "./test-host.ts";

/** Answers at the given addresses and nowhere else; notes what was asked. */
function network(...answering: readonly string[]): { readonly probe: Probe; readonly asked: string[] } {
  const asked: string[] = [];
  const probe: Probe = async (address) => {
    asked.push(address);
    if (answering.includes(address)) return { kind: "answers", version: "v0.33.0" };
    return { kind: "silent", reason: "nobody there" };
  };
  return { probe, asked };
}

const find = (host: EngineHost, options: FindEngineOptions) => findEngine(host, options, () => {});

const failureOf = (finding: Promise<unknown>) =>
  finding.then(
    () => expect.unreachable("an engine was found"),
    (error: unknown) => (error instanceof EngineError ? error : expect.unreachable(String(error))),
  );

const remoteBuilder = {
  ".docker/buildx/current": { Key: "", Name: "far", Global: true },
  ".docker/buildx/instances/far": {
    Name: "far",
    Driver: "remote",
    Nodes: [{ Name: "far0", Endpoint: "tcp://far:1234" }],
  },
};

describe("finding an engine", () => {
  test("--buildkit goes before --builder, and that before BUILDKIT_HOST", async () => {
    const host = await emptyHost({ BUILDKIT_HOST: "tcp://env:1" });
    await writeHome(host, remoteBuilder);
    const { probe } = network("tcp://flag:1", "tcp://far:1234", "tcp://env:1");
    const both = { buildkit: "tcp://flag:1", builder: "far", probe };
    expect((await find(host, both)).address).toBe("tcp://flag:1");
    expect((await find(host, { builder: "far", probe })).address).toBe("tcp://far:1234");
    expect(await find(host, { probe })).toMatchObject({
      kind: "given",
      description: "BuildKit v0.33.0 at tcp://env:1 (from BUILDKIT_HOST)",
    });
  });

  test("an engine that was asked for by name is never replaced by another", async () => {
    const { probe, asked } = network("docker:unix:///var/run/docker.sock");
    const failure = await failureOf(find(await emptyHost(), { buildkit: "tcp://flag:1", probe }));
    expect(failure).toMatchObject({
      code: "engine-unreachable",
      message: "no buildkitd answers at tcp://flag:1: nobody there",
    });
    expect(failure.hint).toContain("from the command line");
    expect(asked).toEqual(["tcp://flag:1"]);
  });

  test("the selected builder goes before the BuildKit of Docker", async () => {
    const host = await emptyHost();
    await writeHome(host, remoteBuilder);
    const { probe } = network("tcp://far:1234", "docker:unix:///var/run/docker.sock");
    expect(await find(host, { probe })).toMatchObject({ kind: "buildx", address: "tcp://far:1234" });
  });

  test("a builder that doesn't answer is passed over for Docker", async () => {
    const host = await emptyHost();
    await writeHome(host, remoteBuilder);
    const { probe, asked } = network("docker:unix:///var/run/docker.sock");
    expect(await find(host, { probe })).toMatchObject({ kind: "docker" });
    expect(asked).toEqual(["tcp://far:1234", "docker:unix:///var/run/docker.sock"]);
  });

  test("a container of a Docker that doesn't answer isn't asked for", async () => {
    const host = await emptyHost({ DOCKER_HOST: "tcp://gone:2375", PATH: "/nonexistent" });
    await writeHome(host, {
      ".docker/buildx/current": { Key: "", Name: "box", Global: true },
      ".docker/buildx/instances/box": {
        Name: "box",
        Driver: "docker-container",
        Nodes: [{ Name: "box0", Endpoint: "tcp://gone:2375" }],
      },
    });
    const { probe, asked } = network();
    await failureOf(find({ ...host, platform: "darwin" }, { probe }));
    expect(asked).not.toContain("docker-container://buildx_buildkit_box0");
  });

  test("a docker context can be named as a builder", async () => {
    const { probe } = network("docker:unix:///var/run/docker.sock");
    expect(await find(await emptyHost(), { builder: "default", probe })).toMatchObject({ kind: "docker" });
  });

  test("a builder that nobody knows is an error", async () => {
    const failure = await failureOf(find(await emptyHost(), { builder: "nobody", probe: network().probe }));
    expect(failure.message).toBe('docker buildx has no builder "nobody", nor docker a context of that name');
  });

  test("on macOS no engine is started: the error lists what was tried and says what to start", async () => {
    const host = { ...(await emptyHost()), platform: "darwin" };
    const failure = await failureOf(find(host, { probe: network().probe }));
    expect(failure.code).toBe("no-engine");
    expect(failure.tried).toEqual([
      { what: "Docker at unix:///var/run/docker.sock", result: "nobody there" },
      { what: "buildkitd at /run/buildkit/buildkitd.sock", result: expect.any(String) },
      { what: "the embedded engine", result: "runs on Linux only, not on macOS" },
    ]);
    expect(failure.hint).toContain("Docker Desktop");
  });

  test("where nothing is there and nothing can be provided, the error says what is missing", async () => {
    const host = await emptyHost({ PATH: "/bin:/usr/bin" });
    const { probe } = network();
    const failure = await failureOf(find({ ...host, arch: "riscv64" }, { probe }));
    expect(failure).toMatchObject({ code: "no-engine" });
    expect(failure.tried.at(-1)?.result).toBe("the embedded engine runs on Linux (amd64, arm64), not on linux/riscv64");
  });
});
