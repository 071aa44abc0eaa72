import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProgressEvent } from "../../client/index.ts";
import { type GitRepository, gitRepository } from "../mzbuild/git-repository.ts";
import { type FrontendClient, frontendClient, shop, specOnClient, hostVariant as variant } from "./frontend-request.ts";
import { registryMissing, startRegistry } from "./registry.ts";

const run = promisify(execFile);

let frontend: FrontendClient;
beforeAll(async () => {
  frontend = await frontendClient();
});
afterAll(() => frontend[Symbol.asyncDispose]());

const build: FrontendClient["build"] = (...request) => frontend.build(...request);
const failure: FrontendClient["failure"] = (...request) => frontend.failure(...request);

describe("an image of a repository has inside BuildKit the fingerprint that it has on a client", () => {
  const states: readonly (readonly [string, (repository: GitRepository) => void])[] = [
    ["a clean tree", () => {}],
    ["a modified file", (r) => r.write({ "apps/till/till": "#!/bin/bash\n" })],
    ["a modified file of a dependency", (r) => r.write({ "base/os": "another" })],
    ["an untracked file", (r) => r.write({ "apps/till/new": "new" })],
    [
      "ignored artifacts, and a tracked one",
      (r) => {
        r.write({ "apps/till/x.o": "x", "apps/till/kept.o": "y", "target/huge": "z", "target/kept": "k" });
        r.git("add", "--force", "apps/till/kept.o", "target/kept");
      },
    ],
    ["a link", (r) => r.write({ "apps/till/link": "-> till" })],
    ["a file that is no longer executable", (r) => r.write({ "apps/till/till": "echo" })],
    [
      "a submodule, and a repository of its own inside",
      (r) => {
        using other = gitRepository({ "price.csv": "7,8\n", "skipped.o": "o", ".gitignore": "*.tmp\n" });
        r.git("submodule", "--quiet", "add", other.root, "prices/more");
        r.git("clone", "--quiet", other.root, "apps/till/inner");
        r.write({ "prices/more/new.csv": "9\n", "prices/more/x.tmp": "x", "apps/till/inner/new": "new" });
      },
    ],
    ["a deleted file", (r) => r.remove("prices/b.csv")],
    [
      "a file in the place of a link, and a link in that of a file",
      (r) => {
        r.write({ "apps/till/link": "-> till" });
        r.commit();
        r.remove("apps/till/link");
        r.write({ "apps/till/link": "a file", "prices/b.csv": "-> a.csv" });
      },
    ],
    ["line ends that git would convert", (r) => r.write({ ".gitattributes": "* text\n", "prices/a.csv": "1,2\r\n" })],
  ];

  test.each(states)("with %s", async (_, change) => {
    using repository = gitRepository(shop);
    change(repository);
    const response = await build(repository, "apps/till/mzbuild.yml");
    expect(response["frontend.mzbuild.spec"]).toBe(await specOnClient(repository));
  });

  test("in a context without git", async () => {
    using repository = gitRepository(shop);
    const expected = await specOnClient(repository);
    repository.remove(".git");
    expect((await build(repository, "apps/till/mzbuild.yml"))["frontend.mzbuild.spec"]).toBe(expected);
  });

  test("in a work tree of git's, whose git directory is elsewhere", async () => {
    using repository = gitRepository(shop);
    const expected = await specOnClient(repository);
    repository.git("worktree", "add", "--quiet", "../second");
    const place = { root: join(repository.root, "../second") };
    expect((await build(place, "apps/till/mzbuild.yml"))["frontend.mzbuild.spec"]).toBe(expected);
  });

  test("with the profile that a build argument names, for each platform", async () => {
    using repository = gitRepository(shop);
    const response = await build(repository, "apps/till/mzbuild.yml", {
      platform: "linux/amd64,linux/arm64",
      "build-arg:MZ_PROFILE": "dev",
    });
    for (const [platform, architecture] of [
      ["linux/amd64", "x86_64"],
      ["linux/arm64", "aarch64"],
    ] as const) {
      const expected = await specOnClient(repository, { ...variant, profile: "dev", architecture });
      expect(response[`frontend.mzbuild.spec/${platform}`]).toBe(expected);
    }
  });
});

test("an image is the same by its mzbuild.yml, by its Dockerfile, and by mzimage", async () => {
  using repository = gitRepository({
    ...shop,
    "prices/old/c.csv": "5,6\n",
    "prices/linked.csv": "-> ../apps/till/etc/till/conf",
    "apps/till/etc/till/conf": "a=b\n",
    "apps/till/Dockerfile": shop["apps/till/Dockerfile"].replace("COPY till", "COPY etc /etc\nCOPY till"),
  });
  chmodSync(join(repository.root, "apps/till/etc"), 0o700);
  const directory = mkdtempSync(join(tmpdir(), "mzbuild-same-"));
  try {
    const byDeclaration = await build(repository, "apps/till/mzbuild.yml");
    const byDockerfile = await build(repository, "apps/till/Dockerfile");
    expect(byDockerfile["containerimage.digest"]).toBe(byDeclaration["containerimage.digest"]);
    const mzimage = join(import.meta.dirname, "../../bin/mzimage");
    const output = `type=oci,dest=${join(directory, "till")},tar=false`;
    const { MZ_GHCR: _, ...env } = process.env;
    await run(mzimage, ["-C", repository.root, "build", "till", "--buildkit", frontend.address, "--output", output], {
      env,
    });
    const index = JSON.parse(readFileSync(join(directory, "till/index.json"), "utf8"));
    expect(index.manifests[0].digest).toBe(byDeclaration["containerimage.digest"]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("the file itself may ask for the frontend", async () => {
  const syntax = "# syntax=mzbuild-frontend\n";
  const files = { "apps/till/mzbuild.yml": syntax + shop["apps/till/mzbuild.yml"] };
  using repository = gitRepository({ ...shop, ...files });
  const response = await build(repository, "apps/till/mzbuild.yml", {}, { frontend: "dockerfile.v0" });
  expect(response["frontend.mzbuild.spec"]).toBe(await specOnClient(repository));
});

describe("a dependency", async () => {
  test.skipIf((await registryMissing()) !== undefined)("that the registry has is taken from there", async () => {
    await using registry = await startRegistry();
    using repository = gitRepository(shop);
    const attrs = { "build-arg:MZ_IMAGE_REGISTRY": registry.host };
    const fingerprints = await (await repository.open()).fingerprints(["base"], variant);
    const push = `${registry.host}/shop-base:mzbuild-${fingerprints.get("base")}`;
    const stepsOf = async () => {
      const steps = new Set<string>();
      const onProgress = (event: ProgressEvent) => void (event.kind === "vertex" && steps.add(event.name));
      await build(repository, "apps/till/Dockerfile", attrs, { onProgress });
      return [...steps];
    };
    expect(await stepsOf()).toContainEqual(expect.stringContaining("[base 1/1] COPY os /"));
    await build(repository, "base/mzbuild.yml", attrs, { push });
    const steps = await stepsOf();
    expect(steps).not.toContainEqual(expect.stringContaining("[base 1/1] COPY os /"));
    expect(steps).toContainEqual(expect.stringContaining("COPY data /data"));
  });

  test("is built, with a warning, where the registry can't be asked", async () => {
    using repository = gitRepository(shop);
    const warnings: string[] = [];
    const onProgress = (event: ProgressEvent) => void (event.kind === "warning" && warnings.push(event.message));
    const attrs = { "build-arg:MZ_IMAGE_REGISTRY": "127.0.0.1:1" };
    const response = await build(repository, "apps/till/Dockerfile", attrs, { onProgress });
    expect(response["frontend.mzbuild.spec"]).toMatch(/^127\.0\.0\.1:1\/shop-till:mzbuild-/);
    expect(warnings).toEqual([expect.stringContaining("the registry can't be asked, so images are built")]);
  });
});

describe("what is wrong with a repository is told with the lines", () => {
  test("an MZFROM of an image that isn't there", async () => {
    using repository = gitRepository({ ...shop, "apps/till/Dockerfile": "# till\nMZFROM bse\n" });
    const { message, places } = await failure(repository, "apps/till/Dockerfile");
    expect(message).toContain("depends on non-existent image bse");
    expect(message).toContain("base");
    expect(places).toEqual(["apps/till/Dockerfile:2"]);
  });

  test("a broken mzbuild.yml, even one of another image", async () => {
    using repository = gitRepository({ ...shop, "base/mzbuild.yml": "name: base\npre-image: [\n" });
    const { places } = await failure(repository, "apps/till/Dockerfile");
    expect(places[0]).toMatch(/^base\/mzbuild.yml:/);
  });

  test("an error of the Dockerfile of a dependency", async () => {
    using repository = gitRepository({ ...shop, "base/Dockerfile": "FROM scratch\nCOPPY os /\n" });
    const { message, places } = await failure(repository, "apps/till/Dockerfile");
    expect(message).toContain("unknown instruction: COPPY");
    expect(places).toEqual(["base/Dockerfile:2"]);
  });

  test("a step that fails", async () => {
    using repository = gitRepository({ ...shop, "apps/till/Dockerfile": "MZFROM base\nCOPY gone /\n" });
    expect((await failure(repository, "apps/till/Dockerfile")).places).toEqual(["apps/till/Dockerfile:2"]);
  });

  test("a Dockerfile outside of any image", async () => {
    using repository = gitRepository({ ...shop, "Dockerfile.other": "# a\nMZFROM base\n" });
    const { message, places } = await failure(repository, "Dockerfile.other");
    expect(message).toContain("there is no mzbuild.yml beside Dockerfile.other");
    expect(places).toEqual(["Dockerfile.other:2"]);
  });

  test("a context that isn't the repository's root", async () => {
    using repository = gitRepository(shop);
    using elsewhere = gitRepository({ "base/mzbuild.yml": "name: base\n", "base/Dockerfile": "FROM scratch\n" });
    const { message } = await failure({ root: repository.root, context: elsewhere.root }, "apps/till/Dockerfile");
    expect(message).toContain("names the image till, which the build context doesn't have");
    expect(message).toContain("the build context has to be the repository's root");
  });
});
