// mzimage publish: a real engine, real registries, and a git repository.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Published, publish } from "../../cli/command/publish.ts";
import type { PublishFlags } from "../../cli/option-values.ts";
import { testTerminal } from "../cli/test-terminal.ts";
import { type GitRepository, gitRepository, image } from "../mzbuild/git-repository.ts";
import { testEngine } from "./engine.ts";
import { registryMissing, startRegistry, type TestRegistry } from "./registry.ts";

const missing = await registryMissing();

describe.skipIf(missing !== undefined)(`publish${missing === undefined ? "" : ` (${missing})`}`, () => {
  let one: TestRegistry;
  let two: TestRegistry;
  let address: string;
  beforeAll(async () => {
    [one, two] = [await startRegistry(), await startRegistry()];
    address = (await testEngine()).address;
  });
  afterAll(async () => {
    await one.close();
    await two.close();
  });

  /** base ← app, base ← tool (never published), side (not of the main line). */
  function repository(): GitRepository & { readonly paths: readonly string[] } {
    const name = crypto.randomUUID();
    const paths = [`${one.host}/${name}`, `${two.host}/acme/${name}`];
    const git = gitRepository({
      ...image("base", { Dockerfile: "FROM scratch\nCOPY data /data\n", data: crypto.randomUUID() }),
      ...image("app", { Dockerfile: "MZFROM base\nCOPY app /app\n", app: "the app" }),
      ...image("tool", { "mzbuild.yml": "name: tool\npublish: false\n", Dockerfile: "MZFROM base\n" }),
      ...image("side", {
        "mzbuild.yml": "name: side\nmainline: false\n",
        Dockerfile: "FROM scratch\nCOPY side /side\n",
        side: crypto.randomUUID(),
      }),
      "mzbuild-settings.yml": `registry: ${paths[0]}\npublish:\n  registries: [${paths.join(", ")}]\n  version-crate: app\n`,
      "Cargo.toml": '[workspace]\nmembers = ["app"]\n[workspace.package]\nversion = "0.7.1"\n',
      "app/Cargo.toml": '[package]\nname = "app"\nversion.workspace = true\n',
    });
    git.commit();
    onTestFinished(() => git[Symbol.dispose]());
    return Object.assign(git, { paths });
  }

  async function run(git: GitRepository, flags: PublishFlags = {}, names: readonly string[] = []) {
    const { terminal, stdout, stderr } = testTerminal(git.root);
    await publish(terminal, {}, { buildkit: address, progress: "plain", json: true, ...flags }, names);
    const published: readonly Published[] = JSON.parse(stdout());
    return { published, log: stderr(), count: counted(published) };
  }

  const counted = (published: readonly Published[]): Readonly<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const { action } of published) counts[action] = (counts[action] ?? 0) + 1;
    return counts;
  };

  async function manifest(reference: string) {
    const [, host, name, tag] = /^([^/]+)\/(.*):(.*)$/.exec(reference) ?? [];
    const accept =
      "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";
    const response = await fetch(`http://${host}/v2/${name}/manifests/${tag}`, { headers: { accept } });
    const content: { readonly manifests?: readonly unknown[] } = response.ok ? JSON.parse(await response.text()) : {};
    return { status: response.status, digest: response.headers.get("docker-content-digest"), content };
  }

  test("everything that is published goes to all registries, for both platforms, and a second run does nothing", async () => {
    const git = repository();
    const { published, count } = await run(git);
    expect(count).toEqual({ pushed: 12 });
    const names = new Set(published.map(({ image }) => image));
    expect([...names].sort()).toEqual(["app", "base", "side"]);
    for (const { reference, digest } of published) {
      expect(await manifest(reference)).toMatchObject({ status: 200, digest });
    }
    const again = await run(git, { buildkit: "tcp://127.0.0.1:1" });
    expect(again.count).toEqual({ there: 12 });
  });

  test("the same image has the same digest in every registry, and what one lacks comes from the other", async () => {
    const git = repository();
    const [first = "", second = ""] = git.paths;
    await run(git, { to: [first] });
    const { published, count } = await run(git, { buildkit: "tcp://127.0.0.1:1" });
    expect(count).toEqual({ there: 6, copied: 6 });
    for (const { reference, digest } of published.filter(({ action }) => action === "copied")) {
      expect(reference.startsWith(`${second}/`)).toBe(true);
      expect((await manifest(reference)).digest).toBe(digest);
      expect((await manifest(reference.replace(second, first))).digest).toBe(digest);
    }
  });

  test("a release is tagged with an index of the platforms, main line only, and latest where it is the newest", async () => {
    const git = repository();
    git.git("tag", "v1.2.3");
    git.git("tag", "v1.1.0");
    const { published } = await run(git, { tagRelease: "v1.2.3" });
    const tagged = published.filter(({ action }) => action === "tagged");
    expect(new Set(tagged.map(({ reference }) => reference))).toEqual(
      new Set(
        git.paths.flatMap((path) =>
          ["v1.2.3", "latest"].flatMap((tag) => [`${path}/app:${tag}`, `${path}/base:${tag}`]),
        ),
      ),
    );
    const { content } = await manifest(`${git.paths[1]}/app:v1.2.3`);
    const specs = published.filter(({ image, platform }) => image === "app" && platform !== undefined);
    expect(content.manifests).toMatchObject([
      { platform: { os: "linux", architecture: "amd64" }, digest: specs[0]?.digest },
      {
        platform: { os: "linux", architecture: "arm64" },
        digest: specs.find((s) => s.platform === "linux/arm64")?.digest,
      },
    ]);
    const again = await run(git, { tagRelease: "v1.2.3", build: false });
    expect(Object.keys(again.count)).toEqual(["there"]);
  });

  test("a version that names other content is never overwritten; unstable moves", async () => {
    const git = repository();
    await run(git, { tag: ["v1"], tagMain: true });
    const before = await manifest(`${git.paths[0]}/app:v1`);
    const unstable = await manifest(`${git.paths[0]}/app:unstable`);
    writeFileSync(join(git.root, "images/app/app"), "another app");
    await expect(run(git, { tag: ["v1"] })).rejects.toMatchObject({ code: "tag-taken" });
    expect((await manifest(`${git.paths[0]}/app:v1`)).digest).toBe(before.digest);
    git.commit();
    const { published } = await run(git, { tagMain: true }, ["app"]);
    expect((await manifest(`${git.paths[0]}/app:unstable`)).digest).not.toBe(unstable.digest);
    const versions = published.filter(({ action }) => action === "tagged").map(({ reference }) => reference);
    expect(versions).toContainEqual(expect.stringMatching(/\/app:v0\.7\.1--main\.g[0-9a-f]{40}$/));
  });

  test("attestations are pushed with an image, and are in the index of a version", async () => {
    const git = repository();
    await run(git, { attest: ["type=provenance,mode=max"], tag: ["v2"], to: git.paths.slice(0, 1) }, ["app"]);
    const { content } = await manifest(`${git.paths[0]}/app:v2`);
    const kinds = content.manifests?.map((entry) => Object(entry).platform?.architecture);
    expect(kinds).toEqual(["amd64", "unknown", "arm64", "unknown"]);
    expect(content.manifests?.[1]).toMatchObject({
      annotations: { "vnd.docker.reference.type": "attestation-manifest" },
    });
  });

  test("with --no-build, what isn't there ends the command with exit code 128; a dry run writes nothing", async () => {
    const git = repository();
    await expect(run(git, { build: false, tagRelease: "v1.0.0" })).rejects.toMatchObject({
      code: "image-not-published",
    });
    const { count, published } = await run(git, { dryRun: true, tagRelease: "v1.0.0", buildkit: "tcp://127.0.0.1:1" });
    expect(count).toEqual({ "would push": 8, "would tag": 8 });
    for (const { reference } of published) expect((await manifest(reference)).status).toBe(404);
  });
});
