import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { buildkitdConfig } from "../../../client/engine/embedded/buildkitd-config.ts";
import { embeddedLayout } from "../../../client/engine/embedded/layout.ts";
import { EngineError } from "../../../client/engine/index.ts";
import { emptyHost, writeHome } from "./test-host.ts";

describe("the embedded engine's configuration", () => {
  test("listens on its own socket and shares the host's network", async () => {
    const layout = embeddedLayout(await emptyHost());
    expect(parse(await buildkitdConfig(layout, true))).toMatchObject({
      root: layout.rootDir,
      grpc: { address: [`unix://${layout.socket}`] },
      worker: { oci: { rootless: true, networkMode: "host", gc: true }, containerd: { enabled: false } },
    });
  });

  test("has the user's file laid over it table by table, lists whole", async () => {
    const host = await emptyHost();
    await writeHome(host, {
      ".config/mzbuild/buildkitd.toml": `
        insecure-entitlements = []
        [registry."docker.io"]
        mirrors = ["mirror.example"]
        [worker.oci]
        max-parallelism = 4
      `,
    });
    expect(parse(await buildkitdConfig(embeddedLayout(host), false))).toMatchObject({
      "insecure-entitlements": [],
      registry: { "docker.io": { mirrors: ["mirror.example"] } },
      worker: { oci: { "max-parallelism": 4, networkMode: "host" } },
    });
  });

  test("is refused with the file's name when that is no TOML", async () => {
    const host = await emptyHost();
    await writeHome(host, { "mine.toml": "[registry" });
    const file = `${host.homeDir}/mine.toml`;
    const layout = embeddedLayout({ ...host, env: { MZBUILD_BUILDKITD_CONFIG: file } });
    const failure = await buildkitdConfig(layout, false).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EngineError);
    expect(failure).toMatchObject({
      code: "bad-engine-config",
      message: expect.stringContaining(`${file} is not valid TOML`),
    });
  });
});
