// acquire and ensure on a real engine, with a real registry between them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Acquired, acquire, ensure } from "../../cli/command/acquire.ts";
import { build } from "../../cli/command/build.ts";
import { fingerprint, spec } from "../../cli/command/fingerprint.ts";
import { plan } from "../../cli/command/plan.ts";
import { why } from "../../cli/command/why.ts";
import type { AcquireFlags } from "../../cli/option-values.ts";
import { testTerminal } from "../cli/test-terminal.ts";
import { crate, type GitRepository, gitRepository, image } from "../mzbuild/git-repository.ts";
import { privateEngine, testEngine } from "./engine.ts";
import { commandLine } from "./mzimage.ts";
import { registryMissing, startRegistry, type TestRegistry } from "./registry.ts";

const missing = await registryMissing();

describe.skipIf(missing !== undefined)(`with a registry${missing === undefined ? "" : ` (${missing})`}`, () => {
  let registry: TestRegistry;
  let address: string;
  beforeAll(async () => {
    registry = await startRegistry();
    address = (await testEngine()).address;
  });
  afterAll(() => registry.close());

  /** base ← app, base ← tool (which is never published); unlike in any other test. */
  function repository(settings = `registry: ${registry.host}/${crypto.randomUUID()}\n`): GitRepository {
    const git = gitRepository({
      ...image("base", { Dockerfile: "FROM scratch\nCOPY data /data\n", data: crypto.randomUUID() }),
      ...image("app", { Dockerfile: "MZFROM base\nCOPY app /app\n", app: "the app" }),
      ...image("tool", {
        "mzbuild.yml": "name: tool\npublish: false\n",
        Dockerfile: "MZFROM base\nCOPY tool /tool\n",
        tool: "the tool",
      }),
      "mzbuild-settings.yml": settings,
    });
    onTestFinished(() => git[Symbol.dispose]());
    return git;
  }

  async function run(
    command: typeof acquire,
    git: GitRepository,
    names: readonly string[],
    { env = {}, ...flags }: AcquireFlags & { readonly env?: Readonly<Record<string, string>> } = {},
  ) {
    const { terminal, stdout, stderr } = testTerminal(git.root, env);
    await command(terminal, {}, { buildkit: address, progress: "plain", json: true, ...flags }, names);
    const acquired: readonly Acquired[] = JSON.parse(stdout());
    return { acquired, actions: Object.fromEntries(acquired.map(({ name, action }) => [name, action])), log: stderr() };
  }

  const tagsOf = async (reference: string): Promise<number> => {
    const [, host, name, tag] = /^([^/]+)\/(.*):(.*)$/.exec(reference) ?? [];
    const accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
    return (await fetch(`http://${host}/v2/${name}/manifests/${tag}`, { headers: { accept } })).status;
  };

  async function fingerprintOf(git: GitRepository): Promise<string> {
    const { terminal, stdout } = testTerminal(git.root);
    await fingerprint(terminal, {}, {}, ["one"]);
    return stdout();
  }

  test("ensure pushes what is published under its spec, with what it is built from, and no more", async () => {
    const git = repository();
    const { acquired, actions } = await run(ensure, git, ["app", "tool"]);
    expect(actions).toEqual({ base: "pushed", app: "pushed", tool: "built" });
    for (const { spec, action, digest } of acquired) {
      expect(await tagsOf(spec)).toBe(action === "pushed" ? 200 : 404);
      if (action === "pushed") expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    }
  });

  test("what is in the registry is neither built nor pushed again", async () => {
    const git = repository();
    await run(ensure, git, [], { all: true });
    const { actions, log } = await run(ensure, git, ["base", "app"]);
    expect(actions).toEqual({ base: "reused", app: "reused" });
    expect(log).not.toContain("pushing");
    const again = await run(acquire, git, ["app"]);
    expect(again.actions).toEqual({ app: "reused" });
    expect(again.log).not.toContain("COPY");
    expect(again.log).toMatch(/app is in the registry: .*\n/);
    // As a step, it would be fetched.
    expect(again.log).not.toContain("FROM");
  });

  test("acquire builds what the registry lacks, on what it has", async () => {
    const git = repository();
    await run(ensure, git, ["base"]);
    const { actions, log } = await run(acquire, git, ["t*"]);
    expect(actions).toEqual({ tool: "built" });
    expect(log).toContain("COPY tool");
    expect(log).not.toContain("COPY data");
  });

  test("several platforms are pushed under the specs of each", async () => {
    const git = repository();
    const metadataFile = join(git.root, "../metadata.json");
    const { acquired } = await run(ensure, git, ["base"], {
      platform: ["linux/amd64,linux/arm64"],
      metadataFile,
    });
    expect(acquired.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"]);
    for (const arch of ["x86_64", "aarch64"]) {
      const { terminal, stdout } = testTerminal(git.root);
      await spec(terminal, {}, { arch }, ["base"]);
      expect(await tagsOf(stdout().trim())).toBe(200);
    }
    expect(JSON.parse(readFileSync(metadataFile, "utf8"))).toEqual(acquired);
  });

  test("a cache in a registry is filled by one build and named in another", async () => {
    const git = repository();
    const cache = `type=registry,ref=${registry.host}/cache/${crypto.randomUUID()}:1`;
    await run(acquire, git, ["app", "tool"], { cacheTo: [`${cache},mode=max`] });
    expect(await tagsOf(cache.replace(/.*ref=/, ""))).toBe(200);
    const { log } = await run(acquire, git, ["app"], { cacheFrom: [cache] });
    expect(log).toContain("importing cache manifest");
  });

  test("why knows on another machine what an image was made from that was pushed here", async () => {
    const git = repository();
    const before = await run(ensure, git, ["app"]);
    const pushed = before.acquired.find(({ name }) => name === "app");
    git.write({ "images/base/data": "other data", "images/app/new": "new" });
    const elsewhere = { XDG_CACHE_HOME: join(git.root, "../another machine") };
    const { terminal, stdout } = testTerminal(git.root, elsewhere);
    await why(terminal, {}, { against: pushed?.spec ?? "" }, "app");
    expect(stdout()).toBe(
      "app:\n" +
        "    images/app/new: new (not committed)\n" +
        "    MZFROM base: has another fingerprint\n" +
        "app (MZFROM base):\n" +
        "    images/base/data: changed (not committed)\n",
    );
  });

  test("a build argument of the command line wins, builds what is there anew, and never gets the name of a fingerprint", async () => {
    const git = repository();
    git.write({
      "images/app/mzbuild.yml": "name: app\nbuild-args:\n  WHO: nobody\n",
      "images/app/Dockerfile": "MZFROM base\nARG WHO\nCOPY app /$WHO\n",
    });
    await run(ensure, git, ["app"]);
    const { terminal } = testTerminal(git.root);
    const dest = join(git.root, "../out");
    const flags = { buildkit: address, progress: "plain", buildArg: ["WHO=me"], output: [`type=local,dest=${dest}`] };
    await build(terminal, {}, flags, ["app"]);
    expect(readFileSync(join(dest, "me"), "utf8")).toBe("the app");
    await expect(run(ensure, git, ["app"], { buildArg: ["WHO=me"] })).rejects.toThrow(
      "the fingerprint knows nothing of it",
    );
    const harmless = await run(acquire, git, ["app"], { buildArg: ["SOURCE_DATE_EPOCH=0"] });
    expect(harmless.actions).toEqual({ app: "reused" });
  });

  test("a builder of the command line compiles, and leaves the fingerprints of a repository without one as they are", async () => {
    const builder = `${registry.host}/builder:${crypto.randomUUID()}`;
    const { terminal } = testTerminal("examples/tour");
    const to = { buildkit: address, progress: "plain", output: [`type=image,name=${builder},push=true`] };
    await build(terminal, {}, to, ["ci-builder"]);
    const git = gitRepository({
      ...crate("one", "fn main() {}\n"),
      ...image("one", {
        "mzbuild.yml": "name: one\npre-image:\n  - type: cargo-build\n    bin: one\n",
        Dockerfile: "FROM scratch\nCOPY one /one\n",
      }),
    });
    onTestFinished(() => git[Symbol.dispose]());
    const fingerprint = await fingerprintOf(git);
    await expect(
      build(testTerminal(git.root).terminal, {}, { buildkit: address, progress: "plain" }, ["one"]),
    ).rejects.toMatchObject({ code: "no-builder" });
    const dest = join(git.root, "../out");
    const flags = {
      buildkit: address,
      progress: "plain",
      dev: true,
      cargoBuilder: builder,
      output: [`type=local,dest=${dest}`],
    };
    await build(testTerminal(git.root).terminal, {}, flags, ["one"]);
    expect(readFileSync(join(dest, "one")).subarray(0, 4).toString("latin1")).toBe("\x7fELF");
    expect(await fingerprintOf(git)).toBe(fingerprint);
  });

  describe("in CI", () => {
    const CI = { CI: "true" };

    test("a published image that isn't there ends acquire and run, before anything is built", async () => {
      using cli = await commandLine(address);
      const git = repository();
      const acquiring = run(acquire, git, ["app"], { env: CI });
      const running = cli.run(git.root, ["run", "app"], { env: CI });
      await expect(acquiring).rejects.toMatchObject({
        code: "image-not-published",
        message: expect.stringMatching(/base:mzbuild-\w+ is not to be had .*, and 1 more/),
      });
      const { exitCode, stdout, stderr } = await running;
      expect(stderr).toMatch(/base:mzbuild-\w+ is not to be had .*looking again in 8 s/);
      expect([exitCode, stdout]).toEqual([128, ""]);
    });

    test("one that is published meanwhile is found", async () => {
      const git = repository();
      const acquiring = run(acquire, git, ["app"], { env: CI });
      await run(ensure, git, ["app"], { env: CI });
      expect((await acquiring).actions).toEqual({ app: "reused" });
    });

    test("is built where that is allowed, and what is never published anyway", async () => {
      const git = repository();
      const allowed = await run(acquire, git, ["app"], { env: { ...CI, CI_ALLOW_LOCAL_BUILD: "1" } });
      expect(allowed.actions).toEqual({ app: "built" });
      await run(ensure, git, ["base"], { env: CI });
      expect((await run(acquire, git, ["tool"], { env: CI })).actions).toEqual({ tool: "built" });
      const withoutRegistry = repository("{}\n");
      expect((await run(acquire, withoutRegistry, ["app"], { env: CI })).actions).toEqual({ app: "built" });
    });
  });

  test("plan says what is there and what would be built, and builds nothing", async () => {
    const git = repository();
    await run(ensure, git, ["base"]);
    const { terminal, stdout } = testTerminal(git.root);
    await plan(terminal, {}, { buildkit: address, progress: "plain" }, []);
    expect(stdout()).toBe(
      "reuse  base  the registry has it\n" +
        "build  app   the registry does not have it\n" +
        "build  tool  it is never published\n",
    );
  });

  test("a registry that is named without a host is looked for at Docker Hub", async () => {
    const mirrored = `[registry."docker.io"]\nmirrors = ["${registry.host}"]\n[registry."${registry.host}"]\nhttp = true\n`;
    await using hub = await privateEngine(mirrored);
    const account = `acme-${crypto.randomUUID()}`;
    const git = repository(`registry: ${registry.host}/${account}\n`);
    await run(ensure, git, ["base"]);
    git.write({ "mzbuild-settings.yml": `registry: ${account}\n` });
    const { actions } = await run(acquire, git, ["base", "app"], { buildkit: hub.address });
    expect(actions).toEqual({ base: "reused", app: "built" });
  });

  test("a registry that doesn't answer is warned about, and images are built", async () => {
    const git = repository("registry: 127.0.0.1:1/nobody\n");
    const { actions, log } = await run(acquire, git, ["app"]);
    expect(actions).toEqual({ app: "built" });
    expect(log).toContain("the registry can't be asked, so images are built");
  });
});
