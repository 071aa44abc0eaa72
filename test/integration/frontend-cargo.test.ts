import { afterAll, beforeAll, expect, test } from "vitest";
import { provideDebianBase } from "../../client/index.ts";
import { say, testHost } from "./engine.ts";
import { type FrontendClient, frontendClient } from "./frontend-request.ts";
import { commandLine, tourRepository } from "./mzimage.ts";

let frontend: FrontendClient;
beforeAll(async () => {
  frontend = await frontendClient();
});
afterAll(() => frontend[Symbol.asyncDispose]());

test("an image with Cargo programs is the one that mzimage has built, of another checkout: nothing is compiled again", async () => {
  const platform = `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`;
  const host = testHost();
  const wanted = { suite: "trixie", include: ["ca-certificates"], platforms: [platform], install: true };
  const base = await provideDebianBase(host, wanted, say, new AbortController().signal);
  using built = tourRepository();
  using cli = await commandLine();
  const { stderr, exitCode } = await cli.run(built.root, ["build", "fancy-loadgen", "--progress", "plain"]);
  expect(exitCode, stderr).toBe(0);
  using checkout = tourRepository();
  const ran = new Map<string, boolean>();
  const response = await frontend.build(
    checkout,
    "test/fancy/loadgen/mzbuild.yml",
    { "context:debian:trixie-slim": `oci-layout://debian@${base.digest}` },
    {
      layouts: { debian: base.layoutDir },
      onProgress: (event) => void (event.kind === "vertex" && ran.set(event.name, event.cached)),
    },
  );
  const { stdout } = await cli.run(built.root, ["spec", "fancy-loadgen"]);
  expect(response["frontend.mzbuild.spec"]).toBe(stdout.trimEnd());
  const cargo = [...ran].filter(([name]) => name.startsWith("[cargo] ") && !name.includes("] load "));
  expect(cargo.map(([name]) => name)).toContainEqual(expect.stringContaining("[cargo] build billing-demo"));
  expect(cargo.filter(([, cached]) => !cached)).toEqual([]);
});
