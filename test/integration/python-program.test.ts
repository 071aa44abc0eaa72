// Which Python runs compositions, with a pyenv like that of pyenv itself: a script that looks for the version each time.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pythonProgram } from "../../cli/compose/python-program.ts";

const python = spawnSync("python3", ["--version"]).status === 0;
if (!python) process.stderr.write("tests of pyenv's python3 are skipped: there is no python3\n");

let directory: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "python-program-"));
  const real = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
  const root = join(directory, "pyenv");
  for (const version of ["3.1", "3.2"]) {
    mkdirSync(join(root, "versions", version, "bin"), { recursive: true });
    symlinkSync(real, join(root, "versions", version, "bin/python3"));
  }
  mkdirSync(join(root, "shims"));
  mkdirSync(join(directory, "work"));
  writeFileSync(join(root, "version"), "3.1\n");
  writeFileSync(
    join(root, "shims/python3"),
    `#!/bin/sh
export PYENV_ROOT="${root}"
echo asked >>"${directory}/asked"
file=$PYENV_ROOT/version
[ ! -e .python-version ] || file=.python-version
read -r version <"$file"
export PATH="$PYENV_ROOT/versions/\${PYENV_VERSION:-$version}/bin:$PATH"
exec "$PYENV_ROOT/versions/\${PYENV_VERSION:-$version}/bin/python3" "$@"
`,
  );
  chmodSync(join(root, "shims/python3"), 0o755);
  env = {
    PATH: `${join(root, "shims")}:/usr/bin:/bin`,
    HOME: directory,
    XDG_CACHE_HOME: join(directory, "cache"),
  };
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe.skipIf(!python)("the Python of compositions", () => {
  const asked = (): number => readFileSync(join(directory, "asked"), "utf8").trim().split("\n").length;
  const chosen = async (more: NodeJS.ProcessEnv = {}) => {
    const program = await pythonProgram({ ...env, ...more }, join(directory, "work"));
    const version = /versions\/(3\.\d)\/bin:/.exec(program.env["PATH"] ?? "")?.[1];
    return { ...program, version };
  };

  test("is what pyenv chooses, with the environment that it gives, and is asked for once", async () => {
    const first = await chosen();
    expect(first.version).toBe("3.1");
    expect(spawnSync(first.file, ["-c", "print(1)"], { encoding: "utf8" }).stdout).toBe("1\n");
    expect(await chosen()).toEqual(first);
    expect(asked()).toBe(1);
  });

  test("is asked for again when something changes that the choice goes by", async () => {
    expect((await chosen()).version).toBe("3.1");
    writeFileSync(join(directory, "work/.python-version"), "3.2\n");
    expect((await chosen()).version).toBe("3.2");
    expect((await chosen({ PYENV_VERSION: "3.1" })).version).toBe("3.1");
    rmSync(join(directory, "work/.python-version"));
    writeFileSync(join(directory, "pyenv/version"), "3.2\n");
    expect((await chosen()).version).toBe("3.2");
  });

  test("is python3 on PATH where that is no script of pyenv's, and the one that is named", async () => {
    expect(await pythonProgram({ ...env, PATH: join(directory, "pyenv/versions/3.1/bin") }, directory)).toEqual({
      file: "python3",
      env: {},
      isVirtual: false,
    });
    expect((await chosen({ MZBUILD_PYTHON: "/opt/python" })).file).toBe("/opt/python");
    const venv = join(directory, "venv/bin");
    mkdirSync(venv, { recursive: true });
    writeFileSync(join(directory, "venv/pyvenv.cfg"), "");
    symlinkSync(join(directory, "pyenv/versions/3.1/bin/python3"), join(venv, "python3"));
    expect((await chosen({ PATH: `${venv}:/usr/bin:/bin` })).isVirtual).toBe(true);
  });
});
