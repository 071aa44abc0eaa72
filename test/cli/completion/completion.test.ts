import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completion } from "../../../cli/command/completion.ts";
import { mzimageProgram } from "../../../cli/program.ts";
import { testTerminal } from "../test-terminal.ts";

function scriptFor(shell: string): string {
  const { terminal, stdout } = testTerminal();
  const program = mzimageProgram(terminal, { exit: () => {}, onRoot: () => {} });
  completion(terminal, program, shell);
  return stdout();
}

const there = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status === 0;

const hasScript = spawnSync("script", ["--version"]).status === 0;

let directory: string;
let env: NodeJS.ProcessEnv;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "completion-"));
  // What completion asks of mzimage is the list of images.
  writeFileSync(
    join(directory, "mzimage"),
    '#!/bin/sh\n[ "$1" = list ] && printf "app\\nbilling-api\\nbilling-db\\n"\n',
  );
  chmodSync(join(directory, "mzimage"), 0o755);
  env = { ...process.env, PATH: `${directory}:${process.env["PATH"]}` };
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");

describe.runIf(there("bash"))("bash completes", () => {
  const complete = (...line: readonly string[]): readonly string[] => {
    const script = `${scriptFor("bash")}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mzimage; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return words(execFileSync("bash", ["-c", script, "bash", "mzimage", ...line], { env, encoding: "utf8" }));
  };

  test("commands", () => {
    expect(complete("fi")).toEqual(["fingerprint"]);
    expect(complete("-C", "list", "desc")).toEqual(["describe"]);
  });

  test("images, where a command takes some", () => {
    expect(complete("acquire", "app", "bill")).toEqual(["billing-api", "billing-db"]);
    expect(complete("list", "bill")).toEqual([]);
  });

  test("options of the command", () => {
    expect(complete("describe", "--tr")).toEqual(["--transitive"]);
    expect(complete("list", "--tr")).toEqual([]);
  });

  test("words of a command", () => {
    expect(complete("engine", "st")).toEqual(["status", "start", "stop"]);
    expect(complete("completion", "z")).toEqual(["zsh"]);
  });
});

test.runIf(there("zsh"))("zsh takes its script", () => {
  const script = `autoload -Uz compinit && compinit -u -D && eval "$1" && print $_comps[mzimage]`;
  expect(execFileSync("zsh", ["-fc", script, "zsh", scriptFor("zsh")], { env, encoding: "utf8" })).toBe("_mzimage\n");
});

// Typed into an interactive shell on a terminal of its own, which util-linux's script(1) makes.
test.runIf(there("zsh") && hasScript)("zsh completes commands, options and images", () => {
  const home = mkdtempSync(join(directory, "zsh-"));
  writeFileSync(join(home, "completion.zsh"), scriptFor("zsh"));
  const stub = `#!/bin/sh\n[ "$*" = list ] && exec printf "app\\nbilling-api\\nbilling-db\\n"\necho "$*" >>${home}/called\n`;
  writeFileSync(join(home, "mzimage"), stub);
  chmodSync(join(home, "mzimage"), 0o755);
  const lines = ["fing", "describe --tr", "acquire app billing-a", "-C /tmp desc", "engine stat", "completion fi"];
  const input = [
    "autoload -Uz compinit; compinit -u -D; source completion.zsh",
    ...lines.map((line) => `mzimage ${line}\t`),
    "exit\n",
  ].join("\n");
  const own = { ...env, PATH: `${home}:${process.env["PATH"]}`, TERM: "xterm" };
  execFileSync("script", ["-qec", "zsh -f -i", "/dev/null"], { cwd: home, env: own, input });
  expect(readFileSync(join(home, "called"), "utf8").split("\n")).toEqual([
    "fingerprint",
    "describe --transitive",
    "acquire app billing-api",
    "-C /tmp describe",
    "engine status",
    "completion fish",
    "",
  ]);
});

test.runIf(there("fish"))("fish completes commands, options and images", () => {
  const complete = (line: string) =>
    execFileSync("fish", ["--no-config", "-c", `${scriptFor("fish")}\ncomplete -C '${line}'`], {
      env,
      encoding: "utf8",
    })
      .split("\n")
      .map((entry) => entry.split("\t")[0])
      .filter((word) => word !== "");
  expect(complete("mzimage fing")).toEqual(["fingerprint"]);
  expect(complete("mzimage describe --tr")).toEqual(["--transitive"]);
  expect(complete("mzimage acquire bill")).toEqual(["billing-api", "billing-db"]);
});

test("other shells are refused by name", () => {
  expect(() => scriptFor("tcsh")).toThrow("there is no completion for tcsh");
});
