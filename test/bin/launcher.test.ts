import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A checkout whose mzimage says its arguments, below a directory with a space in its name. */
async function checkout(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "mzbuild-launcher-"));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const directory = join(parent, "my checkout");
  for (const part of ["bin", "proto", "llb", "client", "frontend", "mzbuild", "compose", "cli"]) {
    await mkdir(join(directory, part), { recursive: true });
  }
  for (const name of ["setup", "build", "mzimage"]) {
    await copyFile(join(root, "bin", name), join(directory, "bin", name));
    await chmod(join(directory, "bin", name), 0o755);
  }
  for (const name of [
    "start-compiled.ts",
    "check-node.ts",
    "compiled-program.ts",
    "import-module.ts",
    "kept-use.ts",
    "write-whole.ts",
  ]) {
    await copyFile(join(root, "cli", name), join(directory, "cli", name));
  }
  await writeSource(directory, "first");
  await writeFile(join(directory, "package-lock.json"), "{}");
  // Older than what npm has installed: nothing is to be installed.
  await utimes(join(directory, "package-lock.json"), 0, 0);
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  return directory;
}

function writeSource(directory: string, word: string): Promise<void> {
  return writeFile(
    join(directory, "cli/mzimage.ts"),
    `const said: readonly string[] = ["${word}", ...process.argv.slice(2)]; console.log(said.join("|"));\n`,
  );
}

const POSIX_TOOLS = ["sh", "dirname", "find", "mkdir", "mktemp", "mv", "readlink", "rm", "sed", "touch", "uname"];

/** A PATH on which these programs are, and no others. */
async function pathOf(directory: string, names: readonly string[]): Promise<string> {
  const path = join(directory, "path");
  await mkdir(path);
  const found = await run("sh", ["-c", 'for name; do command -v "$name"; done', "-", ...names]);
  for (const program of found.stdout.trim().split("\n")) await symlink(program, join(path, basename(program)));
  return path;
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  program: string,
  args: readonly string[] = [],
  options: { cwd?: string; path?: string } = {},
): Promise<Ran> {
  const env = { ...process.env, ...(options.path === undefined ? {} : { PATH: options.path }) };
  return new Promise((resolve) => {
    execFile(program, args, { cwd: options.cwd, env }, (error, stdout, stderr) => {
      // Without a number, it could not be started.
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : -1, stdout, stderr });
    });
  });
}

describe("a launcher", () => {
  test("builds the program at its first run and passes its arguments on", async () => {
    const directory = await checkout();
    const ran = await run(join(directory, "bin/mzimage"), ["a b", "", "--c=*"]);
    expect(ran).toEqual({ code: 0, stdout: "first|a b||--c=*\n", stderr: "" });
  });

  test("works through symlinks, relative and chained, from any directory", async () => {
    const directory = await checkout();
    await symlink("my checkout/bin/mzimage", join(directory, "../one"));
    await symlink(join(directory, "../one"), join(directory, "two"));
    expect((await run(join(directory, "two"), ["x"], { cwd: "/" })).stdout).toBe("first|x\n");
    expect((await run("sh", ["mzimage", "y"], { cwd: join(directory, "bin") })).stdout).toBe("first|y\n");
  });

  test("builds anew when a source has changed, and only then", async () => {
    const directory = await checkout();
    const mzimage = join(directory, "bin/mzimage");
    await run(mzimage);
    // Without its compiler it can't build: what runs is what was built before.
    await rm(join(directory, "node_modules"));
    expect((await run(mzimage)).stdout).toBe("first\n");
    await symlink(join(root, "node_modules"), join(directory, "node_modules"));
    await writeSource(directory, "second");
    expect((await run(mzimage)).stdout).toBe("second\n");
  });

  test.each([
    ["flock", undefined],
    ["perl, as on macOS", ["perl"]],
    ["neither", []],
  ])("is there for two first runs at once, with %s", async (_name, lockPrograms) => {
    const directory = await checkout();
    const path = lockPrograms && (await pathOf(directory, ["node", ...POSIX_TOOLS, ...lockPrograms]));
    const both = await Promise.all(
      [1, 2].map((i) => run(join(directory, "bin/mzimage"), [String(i)], path === undefined ? {} : { path })),
    );
    expect(both.map(({ stdout }) => stdout)).toEqual(["first|1\n", "first|2\n"]);
  });

  test("runs where nothing can be written, once it was built", async ({ skip }) => {
    if ((await run("unshare", ["--mount", "true"])).code !== 0)
      return skip("a file system that is read only takes root");
    const directory = await checkout();
    await run(join(directory, "bin/mzimage"));
    await rm(join(directory, "dist/.node"));
    const script = 'mount --bind -o ro "$1" "$1" && exec "$1/bin/mzimage" plan';
    const ran = await run("unshare", ["--mount", "sh", "-c", script, "-", directory]);
    expect(ran).toEqual({ code: 0, stdout: "first|plan\n", stderr: "" });
  });

  test("shows what is wrong with the sources, and fails", async () => {
    const directory = await checkout();
    await writeFile(join(directory, "cli/mzimage.ts"), "const = 1;\n");
    const ran = await run(join(directory, "bin/mzimage"));
    expect(ran.code).toBe(1);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).toContain("cli/mzimage.ts:1:6");
    expect(ran.stderr).toContain("mzbuild: the build of mzbuild itself failed");
  });

  test.each([
    ["v18.19.0", false],
    ["v20.18.3", false],
    ["v20.19.0", true],
    ["v22.3.0", true],
    ["v100.0.0", true],
  ])("takes Node %s: %s", async (version, good) => {
    const directory = await checkout();
    const fake = join(directory, "fake");
    await mkdir(fake);
    await writeFile(
      join(fake, "node"),
      `#!/bin/sh\n[ "$1" != --version ] || { echo ${version}; exit; }\nexec "${process.execPath}" "$@"\n`,
    );
    await chmod(join(fake, "node"), 0o755);
    const ran = await run(join(directory, "bin/mzimage"), [], { path: `${fake}:${process.env["PATH"]}` });
    if (good) expect(ran.stdout).toBe("first\n");
    else
      expect(ran).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`Node.js 20.19 or newer is needed; ${fake}/node is ${version}`),
      });
  });
});
