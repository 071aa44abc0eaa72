import { describe, expect, test } from "vitest";
import { builderAddress, selectedBuilder } from "../../../client/engine/buildx-builder.ts";
import { emptyHost, writeHome } from "./test-host.ts";

const defaultHost = "unix:///var/run/docker.sock";

// First 20 digits of the sha256 of that address, as buildx names its files of defaults.
const defaultsFile = "13c4025c96f36e94b348";

const remote = {
  Name: "far",
  Driver: "remote",
  Nodes: [
    {
      Name: "far0",
      Endpoint: "tcp://build.example:1234",
      DriverOpts: { cacert: "/certs/ca.pem", cert: "/certs/cert.pem", key: "/certs/key.pem" },
    },
  ],
};

const container = {
  Name: "box",
  Driver: "docker-container",
  Nodes: [{ Name: "box0", Endpoint: defaultHost, Flags: ["--allow-insecure-entitlement=network.host"] }],
};

async function hostWith(files: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = {}) {
  const host = await emptyHost(env);
  await writeHome(host, files);
  return host;
}

describe("the selected builder", () => {
  test("is the one that `docker buildx use` noted for this docker endpoint", async () => {
    const files = {
      ".docker/buildx/current": { Key: defaultHost, Name: "far", Global: false },
      ".docker/buildx/instances/far": remote,
    };
    expect(await selectedBuilder(await hostWith(files))).toMatchObject({ name: "far", driver: "remote", node: "far0" });
  });

  test("is not one that was noted for another endpoint, unless it was chosen for all", async () => {
    const noted = (global: boolean) => ({
      ".docker/buildx/current": { Key: "tcp://other:2375", Name: "far", Global: global },
      ".docker/buildx/instances/far": remote,
    });
    expect(await selectedBuilder(await hostWith(noted(false)))).toBeUndefined();
    expect(await selectedBuilder(await hostWith(noted(true)))).toMatchObject({ name: "far" });
  });

  test("is the endpoint's default one where the current one belongs to another endpoint", async () => {
    const files = { [`.docker/buildx/defaults/${defaultsFile}`]: "far", ".docker/buildx/instances/far": remote };
    expect(await selectedBuilder(await hostWith(files))).toMatchObject({ name: "far" });
  });

  test("is the one that BUILDX_BUILDER names, or the caller", async () => {
    const files = { "bx/instances/far": remote, "bx/instances/box": container };
    const host = await hostWith(files);
    const env = { BUILDX_CONFIG: `${host.homeDir}/bx`, BUILDX_BUILDER: "box" };
    expect(await selectedBuilder({ ...host, env })).toMatchObject({ name: "box" });
    expect(await selectedBuilder({ ...host, env }, "far")).toMatchObject({ name: "far" });
  });

  test("is none where it is the docker driver, which is the context's own BuildKit", async () => {
    const plain = { Name: "plain", Driver: "docker", Nodes: [{ Name: "plain", Endpoint: "default" }] };
    const files = {
      ".docker/buildx/current": { Key: "", Name: "plain", Global: true },
      ".docker/buildx/instances/plain": plain,
    };
    expect(await selectedBuilder(await hostWith(files))).toBeUndefined();
  });

  test("is never looked for outside of the store", async () => {
    const host = await hostWith({ secret: remote });
    expect(await selectedBuilder(host, "../../../secret")).toBeUndefined();
  });
});

describe("a builder's address", () => {
  test("of the remote driver is its endpoint, with its certificates", async () => {
    const host = await hostWith({ ".docker/buildx/instances/far": remote });
    const builder = (await selectedBuilder(host, "far"))!;
    expect(await builderAddress(host, builder)).toEqual({
      kind: "address",
      address: "tcp://build.example:1234",
      tls: { ca: "/certs/ca.pem", cert: "/certs/cert.pem", key: "/certs/key.pem", serverName: undefined },
    });
  });

  test("of the docker-container driver is the node's container, behind Docker", async () => {
    const host = await hostWith({ ".docker/buildx/instances/box": container });
    const builder = (await selectedBuilder(host, "box"))!;
    expect(await builderAddress(host, builder)).toEqual({
      kind: "address",
      address: "docker-container://buildx_buildkit_box0",
      behind: { context: "default", host: defaultHost, tls: undefined },
    });
  });

  test("of the kubernetes driver needs kubectl", async () => {
    const pods = {
      Name: "pods",
      Driver: "kubernetes",
      Nodes: [{ Name: "pods0", Endpoint: "kubernetes:///pods?deployment=pods0" }],
    };
    const host = await hostWith({ ".docker/buildx/instances/pods": pods }, { PATH: "/nonexistent" });
    const builder = (await selectedBuilder(host, "pods"))!;
    expect(await builderAddress(host, builder)).toEqual({ kind: "unusable", reason: "kubectl is not on PATH" });
  });
});
