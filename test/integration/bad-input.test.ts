// What goes wrong in use, each on the real thing: what is said, where it points to, the exit code, and what is left behind.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { findProgram } from "../../client/engine/command.ts";
import { crate, type GitRepository, gitRepository } from "../mzbuild/git-repository.ts";
import { privateEngine, testHost } from "./engine.ts";
import { type CommandLine, commandLine, DEBIAN_SETTINGS } from "./mzimage.ts";
import { said } from "./said.ts";

let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
});
afterAll(() => cli[Symbol.dispose]());

/** A repository of images, by their Dockerfiles, besides an image `base` to build them upon. */
function images(dockerfiles: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) {
  const all = { base: "FROM debian:trixie-slim\n", ...dockerfiles };
  const files = Object.entries(all).flatMap(([name, text]) => [
    [`${name}/mzbuild.yml`, `name: ${name}\n`],
    [`${name}/Dockerfile`, text],
  ]);
  const repository = gitRepository({
    "mzbuild-settings.yml": DEBIAN_SETTINGS,
    ...Object.fromEntries(files),
    ...more,
  });
  onTestFinished(() => repository[Symbol.dispose]());
  return repository;
}

/** Runs a command that has to fail; `report` is what is said in the end, after all progress. */
async function fail({ root }: Pick<GitRepository, "root">, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await cli.run(root, args);
  expect(stdout).toBe("");
  return { exitCode, stderr, report: /^(?:error|fatal|------).*/ms.exec(stderr)?.[0] };
}

/** An empty directory; `left` names what is in it. */
function outputs() {
  const directory = mkdtempSync(join(cli.home, "outputs-"));
  return { directory, left: () => readdirSync(directory) };
}

describe("a name that isn't known", () => {
  test("of an image is told with the nearest ones", async () => {
    const repository = images({ "billing-demo": "MZFROM base\n" });
    expect(await fail(repository, "run", "biling-demo")).toMatchObject({
      exitCode: 1,
      stderr: 'fatal: unknown image: biling-demo\n  = did you mean "billing-demo"?\n',
    });
    expect(await fail(repository, "build", "base", "frontend")).toMatchObject({
      exitCode: 1,
      stderr: "fatal: unknown image: frontend\n  = `mzimage list` prints the names of all images\n",
    });
  });

  test.each<[readonly string[], string]>([
    [
      ["build", "--outptu", "x", "base"],
      "unknown option '--outptu'\n(Did you mean --output?)\n  = usage: mzimage build",
    ],
    [["--progress=plain", "build", "base"], "unknown option '--progress=plain'\n  = it goes behind the command: "],
    [["biuld", "base"], "unknown command 'biuld'\n(Did you mean build?)\n  = usage: mzimage "],
    [["run"], "missing required argument 'image'\n  = usage: mzimage run [options] <image> [args...]"],
    [["build", "--progress=fancy", "base"], "--progress fancy is not known\n  = choose among auto, tty, "],
    [["build", "--arch=mips", "base"], 'images cannot be built for the architecture "mips"\n  = the architectures '],
    [
      ["build", "--platform=plan9/amd64", "base"],
      "--platform plan9/amd64: images are built for Linux\n  = linux/amd64",
    ],
    [["run", "--platform=linux/amd64,linux/arm64", "base"], "an image is run for one platform\n  = name one with"],
    [
      ["build", "--sanitizer=adress", "base"],
      '--sanitizer names "adress", which is no sanitizer\n  = did you mean "ad',
    ],
    [["build", "--dev", "--release", "base"], "option '--dev' cannot be used with option '--release'\n  = usage: "],
    [["build", "--output=type=local", "base"], "--output type=local: dest must name a directory\n"],
    [["build", "--output=out", "base", "app"], "--output takes one image, and several were named\n  = build them one"],
    [["build", "--secret=token", "base"], '--secret token: "token" is not of the form key=value\n'],
    [["-C", "nowhere", "list"], "-C nowhere: /"],
  ])("%j is answered before anything is begun", async (args, message) => {
    const { exitCode, stderr } = await fail(images({ app: "MZFROM base\n" }), ...args);
    expect(stderr.slice(0, message.length + 7)).toBe(`error: ${message}`);
    expect(exitCode).toBe(2);
  });

  test("of a directory that is in no repository", async () => {
    expect(await fail({ root: cli.home }, "list")).toMatchObject({
      exitCode: 1,
      stderr: `error: ${cli.home} is in no repository: there is no mzbuild-settings.yml in it or above, and git knows none
  = change into the repository, or name it with --root or MZ_ROOT
`,
    });
  });
});

describe("a repository that is wrong", () => {
  test("images in a circle are told, each with the line that closes it", async () => {
    const { exitCode, stderr } = await fail(images({ a: "MZFROM b\n", b: "FROM scratch\nMZFROM a\n" }), "build", "a");
    expect(exitCode).toBe(1);
    expect(stderr).toBe(`\
error: circular dependency in mzbuild: a -> b -> a
   --> a/Dockerfile:1:8
    |
  1 | MZFROM b
    |        ^
   --> b/Dockerfile:2:8
    |
  1 | FROM scratch
  2 | MZFROM a
    |        ^
  = one of these MZFROM lines has to go
`);
  });

  test("two images of one name are told, both with their lines", async () => {
    const repository = images({ a: "MZFROM base\n", b: "MZFROM base\n" }, { "b/mzbuild.yml": "name: a\n" });
    const { exitCode, stderr } = await fail(repository, "build", "a");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: image a exists twice: in a and in b\n {3}--> b\/mzbuild\.yml:1:7\n/);
    expect(stderr).toContain("   --> a/mzbuild.yml:1:7\n    |\n  1 | name: a\n    |       ^\n");
  });

  test("a broken mzbuild.yml is told with the place", async () => {
    const yaml = "name: a\npre-image:\n  - type: copy\n   source: .\n";
    const repository = images({ a: "MZFROM base\n" }, { "a/mzbuild.yml": yaml });
    const { exitCode, stderr } = await fail(repository, "build", "base");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: a\/mzbuild\.yml is not valid YAML: .*\n {3}--> a\/mzbuild\.yml:\d:\d\n {4}\|\n/);
    expect(stderr).toMatch(/^ {4}\| +\^+$/m);
  });

  test("a wrong key of a pre-image is told with the place and the right one", async () => {
    const yaml = "name: a\npre-image:\n  - type: copi\n    source: .\n    destination: x\n";
    const repository = images({ a: "MZFROM base\n" }, { "a/mzbuild.yml": yaml });
    expect(await fail(repository, "list")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(
        "   --> a/mzbuild.yml:3:11\n    |\n  1 | name: a\n  2 | pre-image:\n  3 |   - type: copi\n    |           ^^^^\n",
      ),
    });
  });

  test("MZFROM of an image that isn't there is told with the place and the nearest names", async () => {
    expect(await fail(images({ a: "MZFROM bsae\n" }), "build", "a")).toMatchObject({
      exitCode: 1,
      stderr: `\
error: image a depends on non-existent image bsae
   --> a/Dockerfile:1:8
    |
  1 | MZFROM bsae
    |        ^^^^
  = did you mean "base"?
`,
    });
  });

  test("a program that no crate has is told at the line that wants it", async () => {
    const repository = images(
      { a: "MZFROM base\nCOPY app /\n" },
      {
        "a/mzbuild.yml": "name: a\npre-image:\n  - type: cargo-build\n    bin: aap\n",
        ...crate("app", "fn main() {}\n"),
      },
    );
    expect(await fail(repository, "build", "a")).toMatchObject({
      exitCode: 1,
      report: `\
error: bin aap does not exist in cargo workspace
   --> a/mzbuild.yml:4:10
    |
  2 | pre-image:
  3 |   - type: cargo-build
  4 |     bin: aap
    |          ^^^
  = did you mean "app"?
`,
    });
  });
});

describe("a Dockerfile that is wrong", () => {
  test("is told with the place, and what was meant", async () => {
    const { exitCode, report } = await fail(images({ a: "MZFROM base\n\nCOPPY a b\n" }), "build", "a");
    expect(exitCode).toBe(1);
    expect(report).toBe(`\
error: dockerfile parse error on line 3: unknown instruction: COPPY (did you mean COPY?)
   --> a/Dockerfile:3:1
    |
  1 | MZFROM base
  2 |
  3 | COPPY a b
    | ^^^^^
`);
  });

  test("names a base that can't be had at its line", async () => {
    const { exitCode, report } = await fail(images({ a: "FROM 127.0.0.1:1/nothing:1\n" }), "build", "a");
    expect(exitCode).toBe(1);
    expect(report).toMatch(/^error: 127\.0\.0\.1:1\/nothing:1: .*connection refused\n {3}--> a\/Dockerfile:1:1\n/);
    expect(report).toMatch(/\n {2}= the registry can't be reached; .*\n$/);
  });

  test("copies what isn't there: the file, the line, and what a context is", async () => {
    const { exitCode, report } = await fail(images({ a: "MZFROM base\nCOPY missing /x\n" }), "build", "a");
    expect(exitCode).toBe(1);
    expect(report).toBe(`\
error: a: [1/1] COPY missing /x: "/missing": not found
   --> a/Dockerfile:2
    |
  1 | MZFROM base
  2 > COPY missing /x
  = the context is the image's directory without what git or .dockerignore ignores, and what its pre-images bring
`);
  });
});

describe("a step that fails", () => {
  const RUN = "RUN echo what goes before \\\n && echo why it fails >&2 \\\n && exit 7\n";

  test.each(["plain", "quiet"])("is told once in the end, with its own last lines and its place (%s)", async (mode) => {
    const repository = images({ a: `MZFROM base\n\n${RUN}CMD ["true"]\n` });
    const { exitCode, report, stderr } = await fail(repository, "build", `--progress=${mode}`, "a");
    expect(exitCode).toBe(1);
    const [head, ...output] = report?.split("\n").slice(0, 3) ?? [];
    expect(head).toBe("------ a: [1/1] RUN echo what goes before && echo why it fails >&2 && exit 7");
    expect(output.sort()).toEqual(["what goes before", "why it fails"]);
    expect(report?.split("\n").slice(3).join("\n")).toBe(`\
------
error: a: [1/1] RUN echo what goes before && echo why it fails >&2 && exit 7: exit code 7
   --> a/Dockerfile:3
    |
  1 | MZFROM base
  2 |
  3 > RUN echo what goes before \\
  4 >  && echo why it fails >&2 \\
  5 >  && exit 7
  6 | CMD ["true"]
`);
    expect(stderr.match(/-->/g)).toHaveLength(1);
  });

  test("leaves nothing where its image was to go", async () => {
    const { directory, left } = outputs();
    const repository = images({ a: `MZFROM base\n${RUN}` });
    for (const output of [`type=local,dest=${directory}/tree`, `type=oci,dest=${directory}/image.tar`]) {
      expect((await fail(repository, "build", `--output=${output}`, "a")).exitCode).toBe(1);
    }
    expect(left()).toEqual([]);
  });

  test("because the compiler has found something, is told in the compiler's words", async () => {
    const repository = images(
      { "ci-builder": readFileSync("examples/tour/ci/builder/Dockerfile", "utf8"), a: "MZFROM base\nCOPY app /\n" },
      {
        "mzbuild-settings.yml": `builder: ci-builder\n${DEBIAN_SETTINGS}`,
        "a/mzbuild.yml": "name: a\npre-image:\n  - type: cargo-build\n    bin: app\n",
        ...crate("app", 'fn main() {\n    let number: u32 = "text";\n    println!("{number}");\n}\n'),
      },
    );
    const { exitCode, report } = await fail(repository, "build", "a");
    expect(exitCode).toBe(1);
    expect(report).toMatch(/^------ cargo: build app /);
    expect(report).toContain("error[E0308]: mismatched types\n --> src/app/src/main.rs:2:23\n");
    expect(report).toMatch(/^error: could not compile `app`\n {3}--> a\/mzbuild\.yml:4:10\n/m);
    expect(report?.match(/-->/g)).toHaveLength(2);
  });

  test("because a secret is missing, says how to give one", async () => {
    const repository = images({
      a: "MZFROM base\nRUN --mount=type=secret,id=token,required=true cat /run/secrets/token\n",
    });
    const { exitCode, report } = await fail(repository, "build", "a");
    expect(exitCode).toBe(1);
    expect(report).toMatch(/^error: a: .*: secret token: not found\n {3}--> a\/Dockerfile:2\n/);
    expect(report).toMatch(/\n {2}= give it: --secret id=token,src=FILE or --secret id=token,env=VARIABLE\n$/);

    const missing = await fail(repository, "build", "--secret=id=token,src=nowhere/token", "a");
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toMatch(/^error: the secret "token" can't be read: ENOENT: .*nowhere\/token'\n$/);
    const unset = await fail(repository, "build", "--secret=id=token,env=NO_SUCH_TOKEN", "a");
    expect(unset.exitCode).toBe(2);
    expect(unset.stderr).toMatch(/^error: the secret "token" .* the variable NO_SUCH_TOKEN, which is not set\n/);
  });
});

describe("an engine", () => {
  test("that was named and doesn't answer is never replaced by another", async () => {
    const address = "unix:///nonexistent/buildkitd.sock";
    expect(await fail(images({}), "build", "--buildkit", address, "base")).toMatchObject({
      exitCode: 1,
      stderr: `\
error: no buildkitd answers at ${address}: there is no socket ${address}
  = That address comes from the command line: start buildkitd, or give the address of a running one, or leave it out to have one found or started.
`,
    });
  });

  test("that can't be had at all: what was tried, and what to do", async ({ skip }) => {
    if (process.platform !== "linux") return skip("an engine can be had on Linux only");
    const { root } = images({});
    // A plain user of a machine on which next to nothing is installed.
    const PATH = pathOf("flock", "sh", "cat", "git");
    const HOME = resolve(root, "..");
    const asRoot = process.getuid?.() === 0;
    if (asRoot) execFileSync("chown", ["-R", "65534:65534", HOME, PATH]);
    const run = (...args: readonly string[]) =>
      execa(process.execPath, [resolve("dist/mzimage.cjs"), ...args], {
        ...(asRoot ? { uid: 65534, gid: 65534 } : {}),
        cwd: root,
        env: { PATH, HOME, DOCKER_HOST: "unix:///nonexistent/docker.sock" },
        extendEnv: false,
        reject: false,
      });
    if ((await run("--version")).exitCode !== 0) return skip("a plain user can't run the program where it lies");
    const done = await run("build", "base");
    const stderr = String(done.stderr);
    expect(done.exitCode, stderr).toBe(1);
    expect(stderr).toMatch(/^error: no BuildKit engine was found, and none can be set up here\n {2}Docker at unix:/);
    expect(stderr).toContain("\n  buildkitd at /run/buildkit/buildkitd.sock: no such socket\n");
    expect(stderr).toContain(
      "\n  the embedded engine: newuidmap and newgidmap are needed to run an engine without root\n",
    );
    expect(stderr).toMatch(/\n {2}= .*apt-get install uidmap/);
  });

  test("that is killed in mid-build is said to be gone, and the next run completes", async () => {
    await using own = await privateEngine();
    const { XDG_DATA_HOME = "", XDG_CONFIG_HOME = "" } = own.host.env;
    const env = { XDG_DATA_HOME, XDG_CONFIG_HOME, BUILDKIT_HOST: "", DOCKER_HOST: "unix:///nonexistent/docker.sock" };
    const repository = images({ a: slowImage });
    const wait = join(cli.home, "wait");
    writeFileSync(wait, "600");
    const args = ["build", `--secret=id=wait,src=${wait}`, "a"];
    const building = cli.start(repository.root, args, { env });
    await said(building.stderr, /^#\d+ [\d.]+ begun$/m);
    await own.kill();
    const { exitCode, stderr } = await building;
    expect(exitCode).toBe(1);
    expect(String(stderr)).toContain(`\
error: the engine at ${own.address} went away before the work was done
  caused by: the connection to buildkitd was lost
  = run it again: the engine is started anew, with all that was built; \`mzimage engine log\` has its last words
`);
    writeFileSync(wait, "0");
    const again = await cli.run(repository.root, args, { env });
    expect(again.exitCode, again.stderr).toBe(0);
    expect(again.stderr).toMatch(/^starting the embedded engine /m);
  });
});

describe("Ctrl-C", () => {
  test("in a build stops it on the engine, too, and leaves no output", async () => {
    const { directory, left } = outputs();
    const wait = join(cli.home, "wait");
    // Found again among the machine's processes by its number.
    const seconds = `6${process.pid}`;
    writeFileSync(wait, seconds);
    const { root } = images({ a: slowImage });
    const output = `--output=type=local,dest=${directory}/tree`;
    const building = cli.start(root, ["build", `--secret=id=wait,src=${wait}`, output, "a"]);
    await said(building.stderr, /^#\d+ [\d.]+ begun$/m);
    const step = () => processes(`sleep\0${seconds}\0`);
    // An engine elsewhere doesn't show its processes.
    if (!process.env["MZBUILD_TEST_ENGINE"]) await expect.poll(step).toHaveLength(1);
    building.kill("SIGINT");
    const { exitCode, stderr } = await building;
    expect(exitCode).toBe(130);
    expect(String(stderr)).toMatch(/^cancelled after /m);
    expect(String(stderr)).not.toMatch(/^error/m);
    expect(left()).toEqual([]);
    await expect.poll(step, { timeout: 20_000 }).toEqual([]);
  });

  test.each(["type=local,dest=tree", "type=oci,dest=image.tar"])(
    "in an export leaves nothing of it (%s)",
    async (output) => {
      const { directory, left } = outputs();
      const { root } = images({});
      const exporting = cli.start(directory, ["-C", root, "build", `--output=${output}`, "base"]);
      await said(exporting.stderr, /copying files|sending tarball/);
      exporting.kill("SIGINT");
      const { exitCode, stderr } = await exporting;
      expect(exitCode, String(stderr)).toBe(130);
      expect(left()).toEqual([]);
    },
  );

  test("goes to what runs, which may do with it what it wants", async () => {
    const { root } = images({});
    const script = "trap 'echo later; exit 42' INT; echo ready; while :; do sleep 0.1; done";
    for (const [command, code, words] of [
      [["sh", "-c", script], 42, "ready\nlater\n"],
      [["sh", "-c", "echo ready; exec sleep 600"], 130, "ready\n"],
    ] as const) {
      const running = cli.start(root, ["run", "--progress=quiet", "base", ...command]);
      await said(running.stdout, /ready/);
      running.kill("SIGINT");
      const { exitCode, stdout, stderr } = await running;
      expect([exitCode, stdout, stderr]).toEqual([code, words, ""]);
    }
  });
});

test("output that nobody reads any more ends what makes it, in silence", async () => {
  const { root } = images({});
  const running = cli.start(root, ["run", "--progress=quiet", "base", "yes"]);
  running.stdout?.once("data", () => running.stdout?.destroy());
  const { exitCode, stderr } = await running;
  expect([exitCode, stderr]).toEqual([141, ""]);
});

test("a disk that is full in an export is told, and nothing is left on it", async ({ skip }) => {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return skip("mounting a small disk takes root, on Linux");
  const disk = mkdtempSync(join(tmpdir(), "mzbuild-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
  try {
    const repository = images({});
    for (const [type, dest] of [
      ["local", join(disk, "tree")],
      ["oci", join(disk, "image.tar")],
    ] as const) {
      const { exitCode, report } = await fail(repository, "build", `--output=type=${type},dest=${dest}`, "base");
      expect(report).toMatch(
        new RegExp(`^error: no space left for the export to "${dest}"; what was written has been removed\n`),
      );
      expect(report).toMatch(/\n {2}= free space there, or export to another disk\n$/);
      expect(exitCode).toBe(1);
    }
    expect(readdirSync(disk)).toEqual([]);
  } finally {
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true });
  }
});

/** Builds for as many seconds as a secret says, which is no part of what the image is made from. */
const slowImage = `\
MZFROM base
RUN --mount=type=secret,id=wait,required=true echo begun && sleep "$(cat /run/secrets/wait)" && echo ${Date.now()}
`;

/** Command lines of this machine's processes that contain a text. */
function processes(text: string): string[] {
  const lines = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        // It has ended meanwhile.
        return "";
      }
    });
  return lines.filter((line) => line.includes(text));
}

/** A PATH with these programs and no others. */
function pathOf(...programs: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), "mzbuild-path-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const name of programs) symlinkSync(findProgram(testHost(), name) ?? "", join(directory, name));
  return directory;
}
