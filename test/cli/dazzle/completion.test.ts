import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mzdazzleProgram } from "../../../cli/dazzle/program.ts";
import { runProgram } from "../../../cli/run-program.ts";
import { testTerminal } from "../test-terminal.ts";

const engineSide = () => Promise.reject(new Error("nothing is built here"));

async function scriptFor(shell: string): Promise<string> {
  const { terminal, stdout } = testTerminal();
  await runProgram(terminal, ["completion", shell], (own) => mzdazzleProgram(own, engineSide));
  return stdout();
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "dazzle-completion-"));
  // What completion asks of mzdazzle: the names of the project, which --context may name.
  const program = `#!/bin/sh
[ "$1" = --context ] && { where=$2-; shift 2; }
case "$*" in
"project list") printf '%s\\n' "$where"tools "$where"lang:1.10 ;;
"project list --combinations") printf '%s\\n' "$where"full "$where"minimal ;;
esac
`;
  writeFileSync(join(directory, "mzdazzle"), program);
  chmodSync(join(directory, "mzdazzle"), 0o755);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.runIf(spawnSync("bash", ["-c", "true"]).status === 0)("bash completes", () => {
  const complete = async (...line: readonly string[]): Promise<readonly string[]> => {
    const script = `${await scriptFor("bash")}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mzdazzle; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { ...process.env, PATH: `${directory}:${process.env["PATH"]}` };
    const out = execFileSync("bash", ["-c", script, "bash", "mzdazzle", ...line], { env, encoding: "utf8" });
    return out.split(/\s+/).filter((word) => word !== "");
  };

  it("commands, options and sub-commands", async () => {
    expect(await complete("com")).toEqual(["combine", "completion"]);
    expect(await complete("combine", "--str")).toEqual(["--strict"]);
    expect(await complete("project", "ima")).toEqual(["image-name"]);
    expect(await complete("completion", "f")).toEqual(["fish"]);
  });

  it("chunks, and combinations, of the project that --context names", async () => {
    expect(await complete("project", "hash", "host/x", "to")).toEqual(["tools"]);
    expect(await complete("combine", "host/x", "--combination", "")).toEqual(["full", "minimal"]);
    expect(await complete("--context", "there", "rebase", "host/x", "--combination", "there-f")).toEqual([
      "there-full",
    ]);
  });
});

it("there are scripts for zsh and fish, which know the same", async () => {
  expect(await scriptFor("zsh")).toContain("{_mzdazzle_values project list --combinations}");
  expect(await scriptFor("zsh")).not.toContain("-C+");
  expect(await scriptFor("fish")).toContain("mzdazzle $selected project list");
});
