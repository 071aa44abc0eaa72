// What goes wrong around a build, on the real components: registries, connections, daemons, crowds, places.
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Acquired, ensure } from "../../cli/command/acquire.ts";
import { type Published, publish } from "../../cli/command/publish.ts";
import type { PublishFlags } from "../../cli/option-values.ts";
import { testTerminal } from "../cli/test-terminal.ts";
import { type GitRepository, gitRepository, image, repositoryAt } from "../mzbuild/git-repository.ts";
import { type PrivateEngine, privateEngine, testEngine } from "./engine.ts";
import { type Faults, type FaultyRegistry, faultyRegistry, onceEach } from "./faulty-registry.ts";
import { type CommandLine, commandLine } from "./mzimage.ts";
import { registryMissing, startRegistry, type TestRegistry } from "./registry.ts";
import { said } from "./said.ts";

let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
});
afterAll(() => cli[Symbol.dispose]());

function own(git: GitRepository): GitRepository {
  onTestFinished(() => git[Symbol.dispose]());
  return git;
}

/** One image without a base, of so many bytes that don't compress. */
function oneImage(settings: string, bytes = 1000): GitRepository {
  return own(
    gitRepository({
      ...image("app", { Dockerfile: "FROM scratch\nCOPY data /data\n", data: randomBytes(bytes / 2).toString("hex") }),
      "mzbuild-settings.yml": settings,
    }),
  );
}

/** In which a command starts the private engine again that it misses. */
function environmentOf({ host }: PrivateEngine): Readonly<Record<string, string>> {
  const { XDG_DATA_HOME = "", XDG_CONFIG_HOME = "" } = host.env;
  return { XDG_DATA_HOME, XDG_CONFIG_HOME, BUILDKIT_HOST: "", DOCKER_HOST: "unix:///nonexistent/docker.sock" };
}

const missing = await registryMissing();

describe.skipIf(missing !== undefined)(`a registry${missing === undefined ? "" : ` (${missing})`}`, () => {
  let real: TestRegistry;
  let faulty: FaultyRegistry;
  let address: string;
  beforeAll(async () => {
    real = await startRegistry();
    faulty = await faultyRegistry(real.host);
    address = (await testEngine()).address;
  });
  afterAll(async () => {
    await faulty[Symbol.asyncDispose]();
    await real.close();
  });

  /** What comes of it, and which requests failed. */
  async function under(faults: Faults, git: GitRepository, command: "ensure" | "publish", flags: PublishFlags = {}) {
    const { terminal, stdout, stderr } = testTerminal(git.root);
    faulty.faults = faults;
    faulty.suffered.length = 0;
    const options = { buildkit: address, progress: "plain", json: true, all: true, ...flags };
    try {
      await (command === "ensure" ? ensure : publish)(terminal, {}, options, []);
    } finally {
      faulty.faults = () => undefined;
    }
    const done: readonly (Acquired | Published)[] = JSON.parse(stdout());
    return { actions: done.map(({ action }) => action), suffered: [...faulty.suffered], log: stderr() };
  }

  const settings = () => `registry: ${faulty.host}/${crypto.randomUUID()}\n`;

  /** Of the real registry, past the faults. */
  async function tagsOf(git: GitRepository): Promise<readonly string[]> {
    const [, path = ""] = /\/(.*)\n/.exec(readFileSync(join(git.root, "mzbuild-settings.yml"), "utf8")) ?? [];
    const response = await fetch(`http://${real.host}/v2/${path}/app/tags/list`);
    return response.ok ? Object(await response.json()).tags : [];
  }

  const someBad = onceEach(
    ["HEAD", /\/manifests\//, { kind: "status", status: 429, headers: { "retry-after": "1" } }],
    ["POST", /\/blobs\/uploads/, { kind: "status", status: 500 }],
    ["PUT", /\/manifests\//, { kind: "status", status: 503 }],
    ["PUT", /\/manifests\//, { kind: "reset" }],
  );

  test("that is out of order for a moment is asked again: ensure", async () => {
    const git = oneImage(settings());
    const { actions, suffered } = await under(someBad, git, "ensure");
    expect(actions).toEqual(["pushed"]);
    expect(suffered.length).toBeGreaterThan(1);
    expect((await tagsOf(git)).filter((tag) => !tag.endsWith(".inputs"))).toHaveLength(1);
  });

  test("that is out of order for a moment is asked again: publish, with its tags", async () => {
    const git = oneImage(settings());
    const faults = onceEach(
      ["HEAD", /\/manifests\/mzbuild/, { kind: "status", status: 429, headers: { "retry-after": "1" } }],
      ["HEAD", /\/manifests\/mzbuild/, { kind: "reset" }],
      ["GET", /\/manifests\/sha256/, { kind: "truncate" }],
      ["PUT", /\/manifests\/v1/, { kind: "status", status: 500 }],
    );
    const { actions, suffered } = await under(faults, git, "publish", { tag: ["v1"], platform: ["linux/amd64"] });
    expect(actions).toEqual(["pushed", "tagged"]);
    expect(suffered).toHaveLength(4);
  });

  test("that refuses is believed at once, and nothing is tagged", async () => {
    const git = oneImage(settings());
    const denied: Faults = (method) => (method === "PUT" ? { kind: "status", status: 403 } : undefined);
    const flags = { tag: ["v1"], platform: ["linux/amd64"] };
    await expect(under(denied, git, "publish", flags)).rejects.toThrow(/denied/);
    // The layer and the configuration are sent side by side: the refusal of one may come after the other has been sent.
    expect(faulty.suffered.length).toBeGreaterThan(0);
    expect(faulty.suffered.length).toBeLessThanOrEqual(2);
    expect(await tagsOf(git)).toEqual([]);
  });

  test("to which a push is cut in the middle gets the whole image in the next try", async () => {
    const git = oneImage(settings(), 4_000_000);
    const cut = { kind: "cut-request", afterBytes: 500_000 } as const;
    const { actions, suffered } = await under(
      onceEach(["PUT", /\/blobs\/uploads/, cut], ["PATCH", /\/blobs\/uploads/, cut]),
      git,
      "ensure",
    );
    expect(actions).toEqual(["pushed"]);
    expect(suffered.length).toBeGreaterThan(0);
    const { actions: again } = await under(() => undefined, git, "publish", { platform: ["linux/amd64"] });
    expect(again).toEqual(["there"]);
  });

  test("from which a blob comes cut off is asked again when an image is copied from it to another", async () => {
    const git = oneImage(settings(), 2_000_000);
    await under(() => undefined, git, "publish", { platform: ["linux/amd64"] });
    const [path = ""] = /127\S+/.exec(readFileSync(join(git.root, "mzbuild-settings.yml"), "utf8")) ?? [];
    const flags = { to: [path, `${real.host}/copies/${crypto.randomUUID()}`], platform: ["linux/amd64"] };
    const truncated = onceEach(["GET", /\/blobs\/sha256/, { kind: "truncate" }]);
    const { actions, suffered } = await under(truncated, git, "publish", flags);
    expect(actions).toEqual(["there", "copied"]);
    expect(suffered).toHaveLength(1);
  });

  test.each([
    ["images are looked for", /^(HEAD|GET) .*\/manifests\//],
    ["a blob is pushed", /^(POST|PATCH|PUT) .*\/blobs\/uploads/],
    ["a manifest is pushed", /^PUT .*\/manifests\//],
  ])(
    "that waits while %s, when the daemon is killed, gets the whole image from the next run",
    async (_phase, moment) => {
      await using engine = await privateEngine();
      const git = oneImage(settings());
      const args = ["ensure", "--all", "--progress=plain"];
      const env = environmentOf(engine);
      const reached = new Promise<void>((resolve) => {
        faulty.faults = (method, path) => {
          if (!moment.test(`${method} ${path}`)) return undefined;
          resolve();
          return { kind: "hold" };
        };
      });
      const ensuring = cli.start(git.root, args, { env });
      await reached;
      await engine.kill();
      faulty.faults = () => undefined;
      const { exitCode, stderr } = await ensuring;
      expect(stderr).toMatch(/went away before the work was done/);
      expect(exitCode).toBe(1);
      expect((await tagsOf(git)).filter((tag) => !tag.endsWith(".inputs"))).toEqual([]);
      const again = await cli.run(git.root, args, { env });
      expect(again.exitCode, again.stderr).toBe(0);
      expect((await tagsOf(git)).filter((tag) => !tag.endsWith(".inputs"))).toHaveLength(1);
    },
  );

  test("is filled once by several who want the same image at once", async () => {
    const git = oneImage(`registry: ${real.host}/${crypto.randomUUID()}\n`);
    const runs = Array.from({ length: 5 }, () => cli.run(git.root, ["ensure", "--all", "--json"]));
    const outcomes = await Promise.all(runs);
    expect(outcomes.map(({ exitCode, stderr }) => (exitCode === 0 ? 0 : stderr))).toEqual(outcomes.map(() => 0));
    const done = outcomes.flatMap(({ stdout }): readonly Acquired[] => JSON.parse(stdout));
    // Whoever pushed has pushed the same bytes: the daemon builds for all of them once.
    expect(new Set(done.flatMap(({ digest }) => digest ?? [])).size).toBe(1);
    expect((await tagsOf(git)).filter((tag) => !tag.endsWith(".inputs"))).toHaveLength(1);
    const check = await cli.run(git.root, ["publish", "--platform=linux/amd64", "--json"]);
    expect(JSON.parse(check.stdout)).toMatchObject([{ action: "there", digest: done[0]?.digest }]);
  });
});

describe("twenty who acquire the same image at once", () => {
  test("share one build, and all get the whole of it", async () => {
    const git = oneImage("{}\n", 1_000_000);
    const content = readFileSync(join(git.root, "images/app/data"), "utf8");
    const places = Array.from({ length: 20 }, (_, index) => join(cli.home, `out-${index}`));
    const runs = await Promise.all(
      places.map((dest) => cli.run(git.root, ["acquire", "app", "-o", `type=local,dest=${dest}`])),
    );
    expect(runs.map(({ exitCode, stderr }) => (exitCode === 0 ? 0 : stderr))).toEqual(runs.map(() => 0));
    for (const place of places) expect(readFileSync(join(place, "data"), "utf8") === content).toBe(true);
  });
});

describe("a daemon that is killed", () => {
  test.each([
    ["while files are sent to it", /\[app\] (?:load|transfer|copy)|load .*files|transferring/i],
    ["while a result is written", /exporting|sending tarball/],
  ])("%s leaves nothing half done, and the next run completes", async (_phase, moment) => {
    await using engine = await privateEngine();
    const env = environmentOf(engine);
    const git = oneImage("{}\n", 60_000_000);
    const dest = join(mkdtempSync(join(cli.home, "export-")), "app.tar");
    const args = ["build", "--progress=plain", "-o", `type=oci,dest=${dest}`, "app"];
    const building = cli.start(git.root, args, { env });
    await said(building.stderr, moment);
    await engine.kill();
    const { exitCode, stderr } = await building;
    // A kill that comes when all is done already has done no harm either.
    if (exitCode !== 0) {
      expect(String(stderr)).toMatch(/went away before the work was done|the engine|connection/);
      expect(readdirSync(dirname(dest))).toEqual([]);
    }
    const again = await cli.run(git.root, args, { env });
    expect(again.exitCode, again.stderr).toBe(0);
    expect(readdirSync(dirname(dest))).toEqual(["app.tar"]);
    const listed = execFileSync("tar", ["--list", "--file", dest], { encoding: "utf8" });
    expect(listed).toContain("index.json");
  });
});

describe("a checkout", () => {
  test("at a path with blanks and other letters is built as any other", async () => {
    const parent = mkdtempSync(join(tmpdir(), "mzbuild place "));
    const root = join(parent, "wörk trée, 日本 'x' $HOME");
    mkdirSync(root);
    const git = own(repositoryAt(root, () => rmSync(parent, { recursive: true, force: true })));
    git.git("init", "--quiet", "--initial-branch=main");
    git.write(image("app", { Dockerfile: 'FROM scratch\nCOPY ["ä ö/*", "/"]\n', "ä ö/ü 日.txt": "there" }));
    git.commit();
    const dest = join(parent, "out put");
    const built = await cli.run(join(root, "images"), ["build", "app", "-o", `type=local,dest=${dest}`]);
    expect(built.exitCode, built.stderr).toBe(0);
    expect(readFileSync(join(dest, "ü 日.txt"), "utf8")).toBe("there");
  });

  test("that can't be written to is built all the same, and is asked all the same", async ({ skip }) => {
    const git = oneImage("{}\n");
    const mount = spawnSync("mount", ["--bind", "-o", "ro", git.root, git.root]);
    skip(mount.status !== 0, `no read-only mounts here: ${mount.stderr}`);
    onTestFinished(() => void spawnSync("umount", ["--lazy", git.root]));
    expect(() => writeFileSync(join(git.root, "x"), "x")).toThrow("EROFS");
    const dest = join(cli.home, "from read-only");
    for (const args of [["list", "--json"], ["plan"], ["build", "app", "-o", `type=local,dest=${dest}`]]) {
      const { exitCode, stderr } = await cli.run(git.root, args);
      expect(exitCode, stderr).toBe(0);
    }
    expect(readdirSync(dest)).toContain("data");
  });
});

test("a chain of a thousand images is listed, planned, and built", async () => {
  const git = own(
    gitRepository(
      Object.assign(
        { "mzbuild-settings.yml": "{}\n" },
        ...Array.from({ length: 1000 }, (_, index) =>
          image(`image-${index}`, {
            Dockerfile:
              index === 0
                ? `FROM scratch\nCOPY data /first\n`
                : `MZFROM image-${index - 1}\nENV DEPTH=${index}\n${index === 999 ? "COPY data /last\n" : ""}`,
            data: `${index}`,
          }),
        ),
      ),
    ),
  );
  const listed = await cli.run(git.root, ["list", "--json"]);
  expect(JSON.parse(listed.stdout)).toHaveLength(1000);
  const planned = await cli.run(git.root, ["plan", "image-999", "--json"]);
  expect(JSON.parse(planned.stdout).levels).toHaveLength(1000);
  const dest = join(cli.home, "chain");
  const built = await cli.run(git.root, ["build", "image-999", "-o", `type=local,dest=${dest}`]);
  expect(built.exitCode, built.stderr).toBe(0);
  expect(readFileSync(join(dest, "first"), "utf8") + readFileSync(join(dest, "last"), "utf8")).toBe("0999");
});
