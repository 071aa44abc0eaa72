// What docker compose gets for the composition of the sample repository, from the command to Compose's own input, beside what the
// reference gives to it. A script in docker's place hands that input back; nothing is run, so no Docker is needed.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldens, makeSample, type Sample } from "../mzbuild/sample.ts";
import { type ComposeLine, composeLine } from "./mzcompose.ts";

const python = spawnSync("python3", ["--version"]).status === 0;
if (!python) console.log("skipped: without python3 the sample's composition can't be loaded");

describe.skipIf(!python)("the input of Compose is the reference's", () => {
  let sample: Sample;
  let cli: ComposeLine;
  beforeAll(() => {
    sample = makeSample("clean");
    cli = composeLine({});
    const bin = join(cli.home, "bin");
    mkdirSync(bin);
    const script = `#!/bin/sh
case "$1 $2" in
"--version ") echo "Docker version 28.0.0" ;;
"compose version") echo 2.40.0 ;;
*) printf '%s\\n' "$*" >&2; cat /dev/fd/3 ;;
esac
`;
    writeFileSync(join(bin, "docker"), script, { mode: 0o755 });
  });
  afterAll(() => {
    sample[Symbol.dispose]();
    cli[Symbol.dispose]();
  });

  const mzcompose = (...args: readonly string[]) =>
    cli.run(join(sample.root, "test/smoke"), ["--image-registry", "materialize", "--arch", "x86_64", ...args], {
      env: { PATH: `${join(cli.home, "bin")}:${process.env["PATH"]}` },
    });

  test.each([
    ["default", ["config"]],
    ["preserve_ports", ["--preserve-ports", "config"]],
    ["host_network", ["--host-network", "config"]],
    ["coverage", ["--coverage", "config"]],
    ["unresolved", ["ps"]],
  ])("%s", async (mode, args) => {
    const { exitCode, stdout, stderr } = await mzcompose(...args);
    expect(exitCode, stderr).toBe(0);
    const input = JSON.parse(stdout);
    expect(input.services.helper.user).toBe(`${process.getuid?.()}:${process.getgid?.()}`);
    input.services.helper.user = "UID:GID";
    expect(input).toEqual(goldens.compose[mode]?.compose);
  });

  test("and so is the call: unknown options before the command come before Compose's, all behind it behind", async () => {
    const { stderr } = await mzcompose("--profile", "x", "down", "--rmi", "all");
    const directory = join(sample.root, "test/smoke");
    const expected = `compose -f/dev/fd/3 --project-directory ${directory} --project-name smoke --profile x down --timeout 0 --rmi all --volumes --remove-orphans\n`;
    expect(stderr).toBe(expected);
  });

  test.each([
    [["-f", "x.yml", "ps"], "-f/--file option not supported"],
    [["--project-directory", "x", "ps"], "--project-directory option not supported"],
    [["--version"], "-v/--version option not supported"],
    [["list-workflows", "x"], "unknown argument: x"],
    [["run", "-d", "default"], "options before the name of a workflow: -d"],
    [["nothing"], "unknown command: nothing"],
    [["-C", "..", "ps"], "there is no composition in"],
    [["--find", "smok", "ps"], 'unknown composition smok\n  = did you mean "smoke"?'],
  ])("%j is refused", async (args, message) => {
    const { exitCode, stderr } = await mzcompose(...args);
    expect(stderr).toContain(message);
    expect(exitCode).toBeGreaterThan(0);
  });
});
