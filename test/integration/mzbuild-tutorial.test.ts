// The tutorial of the mzbuild documentation, step by step, with what it promises: images by the engine of all tests,
// compositions on a Docker of their own. Only the second service is another one: Materialize itself is in no repository but its own.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GitRepository } from "../mzbuild/git-repository.ts";
import { dockerMissing, startDocker, type TestDocker } from "./docker-engine.ts";
import { type CommandLine, commandLine, tourRepository } from "./mzimage.ts";

const missing = await dockerMissing();
const python = execFileSync("sh", ["-c", "command -v python3 || true"], { encoding: "utf8" }).trim() !== "";

const APT = `RUN apt-get update \\
 && apt-get install -y --no-install-recommends python3-minimal \\
 && rm -rf /var/lib/apt/lists/*`;

const FANCY = `\
from materialize.mzcompose import Service

SERVICES = [
    Service(
        "fancy-loadgen",
        {
            "mzbuild": "fancy-loadgen",
        },
    ),
]
`;

describe.skipIf(missing !== undefined || !python)(`the tutorial (${missing ?? (python ? "" : "no python3")})`, () => {
  let tour: GitRepository;
  let cli: CommandLine;
  let docker: TestDocker;
  beforeAll(async () => {
    tour = tourRepository();
    rmSync(join(tour.root, "test"), { recursive: true });
    [cli, docker] = await Promise.all([commandLine(), startDocker()]);
    await docker.loadBusybox();
    // The launcher of a repository, which its shortcuts call.
    write("bin/mzcompose", `#!/bin/sh\nexec ${resolve("bin/mzcompose")} "$@"\n`, 0o755);
  });
  afterAll(async () => {
    tour[Symbol.dispose]();
    cli[Symbol.dispose]();
    await docker[Symbol.asyncDispose]();
  });

  function write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(tour.root, path)), { recursive: true });
    writeFileSync(join(tour.root, path), text, { mode });
  }

  /** Standard output of a command that has to succeed. */
  async function mzimage(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await cli.run(tour.root, args);
    expect(exitCode, stderr).toBe(0);
    return stdout;
  }

  async function mzcompose(command: string, cwd: string, ...args: readonly string[]) {
    const env = { ...cli.environment, ...docker.env };
    const outcome = await execa(command, args, {
      cwd: join(tour.root, cwd),
      env,
      extendEnv: false,
      reject: false,
      stdin: "ignore",
    });
    const { exitCode, stdout, stderr } = outcome;
    return { exitCode, stdout, stderr, said: `${stdout}\n${stderr}` };
  }

  async function composes(command: string, cwd: string, ...args: readonly string[]) {
    const outcome = await mzcompose(command, cwd, ...args);
    expect(outcome.exitCode, outcome.said).toBe(0);
    return outcome;
  }

  test("a directory with a Dockerfile and an mzbuild.yml is an image, which can be run", async () => {
    write(
      "test/fancy/loadgen/Dockerfile",
      `MZFROM ubuntu-base\n\n${APT}\n\nCOPY fancy-loadgen.py .\n\nENTRYPOINT ["python3", "fancy-loadgen.py"]\n`,
    );
    write("test/fancy/loadgen/mzbuild.yml", "name: fancy-loadgen\n");
    write("test/fancy/loadgen/fancy-loadgen.py", 'print("fancy load")\n');
    expect((await mzimage("list")).split("\n")).toContain("fancy-loadgen");
    expect(await mzimage("run", "fancy-loadgen")).toBe("fancy load\n");
    expect(await mzimage("run", "fancy-loadgen")).toBe("fancy load\n");
  });

  test("an edit changes its fingerprint", async () => {
    const before = await mzimage("fingerprint", "fancy-loadgen");
    write("test/fancy/loadgen/fancy-loadgen.py", 'import sys\nsys.stdout.buffer.write("🎩 load\\n".encode("utf-8"))\n');
    const after = await mzimage("fingerprint", "fancy-loadgen");
    expect(after).toMatch(/^[A-Z2-7]{32}\n$/);
    expect(after).not.toBe(before);
  });

  test("MZFROM brings in what another image has", async () => {
    write(
      "test/fancy/loadgen/Dockerfile",
      `MZFROM billing-demo AS billing-demo

MZFROM ubuntu-base

${APT}

COPY fancy-loadgen.py .

COPY --from=billing-demo /usr/local/bin/billing-demo /usr/local/bin/billing-demo

CMD ["python3", "fancy-loadgen.py"]
`,
    );
    const listed = await mzimage("run", "fancy-loadgen", "ls", "-lh", "/usr/local/bin/billing-demo");
    expect(listed).toMatch(/^-rwxr-xr-x 1 root root +\S+ .* \/usr\/local\/bin\/billing-demo\n$/);
  });

  test("an mzcompose.py makes a composition of it, which comes up with its image", async () => {
    write("test/fancy/mzcompose.py", FANCY);
    const up = await composes("bin/mzcompose", ".", "--find", "fancy", "up");
    const spec = (await mzimage("spec", "fancy-loadgen")).trim();
    const billing = (await mzimage("spec", "billing-demo")).trim();
    const base = (await mzimage("spec", "ubuntu-base")).trim();
    const [, collected = ""] = /^==> Collecting mzbuild dependencies\n((?:\S+:mzbuild-\S+\n)+)/m.exec(up.stderr) ?? [];
    expect(collected.split("\n").slice(0, -1).sort()).toEqual([billing, base, spec].sort());
    expect(up.stderr).toContain("==> Delegating to Docker Compose\n");
    expect(up.said).toMatch(/fancy-loadgen-1 +\| 🎩 load/);
    expect(up.said).toMatch(/fancy-loadgen-1 exited with code 0/);
    expect(await docker.docker(["image", "inspect", "--format", "{{index .RepoTags 0}}", spec])).toBe(spec);
  });

  test("gen-shortcuts writes the script by which it is used from its own directory", async () => {
    await composes("bin/mzcompose", ".", "gen-shortcuts");
    const ps = await composes("./mzcompose", "test/fancy", "ps", "--all");
    expect(ps.stdout).toMatch(/fancy-fancy-loadgen-1 .*Exited \(0\)/);
  });

  test("another service of the repository, and one of any image, join it", async () => {
    const more = FANCY.replace(
      /\]\n$/,
      `    Service("prices", {"mzbuild": "price-list"}),
    Service("watch", {"image": "busybox", "command": ["echo", "watching"], "depends_on": ["prices"]}),
]


def workflow_default(c):
    "Has every bill paid."
    c.up("watch", wait=False)
    with c.test_case("demo"):
        counted = c.run("fancy-loadgen", "billing-demo", "--count", "3", capture=True, rm=True)
        assert len(counted.stdout.splitlines()) == 3, counted
    with c.test_case("fails"):
        raise ValueError("no money")
`,
    );
    write("test/fancy/mzcompose.py", more);
    const up = await composes("./mzcompose", "test/fancy", "up");
    expect(up.said).toMatch(/prices-1 +\| item,/);
    expect(up.said).toMatch(/watch-1 +\| watching/);
    expect(up.said).toMatch(/🎩 load/);
  });

  test("workflows run as tests, and tell what fails", async () => {
    const listed = await composes("./mzcompose", "test/fancy", "list-workflows");
    expect(listed.stdout).toBe("default");
    const run = await mzcompose("./mzcompose", "test/fancy", "run", "default");
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("test case demo succeeded");
    expect(run.stderr).toMatch(/mzcompose\.py", line \d+, in workflow_default\n.*\nValueError: no money/);
    expect(run.stderr).toContain("test cases failed: fails");
    const report = execFileSync("cat", [join(tour.root, "junit_mzcompose_fancy_default.xml")], { encoding: "utf8" });
    expect(report).toContain('name="demo" time=');
    expect(report).toContain("ValueError: no money");
  });

  test("what is wrong with the file is told with its line, and ends the command", async () => {
    const file = "test/wrong/mzcompose.py";
    write(file, "from materialize.mzcompose import Service\nSERVICES = [Service('a', {}), Service('a', {})]\n");
    const twice = await mzcompose("bin/mzcompose", ".", "--find", "wrong", "ps");
    expect(twice).toMatchObject({ exitCode: 1, stderr: 'error: test/wrong/mzcompose.py: service "a" exists twice' });
    write(file, "SERVICES = [oops]\n");
    const raised = await mzcompose("bin/mzcompose", ".", "--find", "wrong", "ps");
    expect(raised.exitCode).toBe(1);
    expect(raised.stderr).toMatch(
      /wrong\/mzcompose\.py", line 1, in <module>\n(.*\n)+NameError: name 'oops' is not defined/,
    );
  });

  test("--dev builds its programs in development mode", async () => {
    const up = await composes("bin/mzcompose", ".", "--dev", "--find", "fancy", "up", "fancy-loadgen");
    const spec = (await mzimage("spec", "--dev", "fancy-loadgen")).trim();
    expect(up.stderr).toContain(`${spec}\n`);
    expect(up.said).toMatch(/🎩 load/);
    await composes("bin/mzcompose", ".", "--find", "fancy", "down");
    expect(await docker.docker(["ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=fancy"])).toBe(
      "",
    );
  });
});
