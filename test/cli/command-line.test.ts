import { expect, it } from "vitest";
import { mzimageProgram } from "../../cli/program.ts";
import { runProgram } from "../../cli/run-program.ts";
import { gitRepository, image } from "../mzbuild/git-repository.ts";
import { testTerminal } from "./test-terminal.ts";

async function said(args: readonly string[], cwd = "/") {
  const { terminal, stdout, stderr } = testTerminal(cwd);
  const exitCode = await runProgram(terminal, args, mzimageProgram);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

it.each<[readonly string[], string]>([
  [["nope"], "unknown command 'nope'"],
  [["help", "nope"], "unknown command 'nope'"],
  [["fingerprnt"], "(Did you mean fingerprint?)"],
  [["--san=address", "fingerprint", "app"], "it goes behind the command: mzimage COMMAND --san"],
  [["graph", "--dot", "--json"], "'--dot' cannot be used with option '--json'"],
  [["plan", "--secret", "id=x"], "unknown option '--secret'"],
  [["graph", "--html", "/nowhere/x.html"], "--html /nowhere/x.html: no file can be written there"],
  [["graph", "--html", "/"], "--html /: that is a directory"],
  [["--root", "/nowhere", "list"], "--root names /nowhere, which is no directory"],
])("%j is a wrong command line, and what is wrong is said", async (args, message) => {
  const { exitCode, stderr, stdout } = await said(args);
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
});

it("help about a command is that command's", async () => {
  expect((await said(["help", "list"])).stdout).toContain("Usage: mzimage list");
  expect((await said(["help"])).exitCode).toBe(0);
});

it("check in JSON ends with 1 where there are mistakes", async () => {
  using git = gitRepository(image("app", { Dockerfile: "RNU\n" }));
  const { exitCode, stderr } = await said(["check", "--json"], git.root);
  expect([exitCode, stderr]).toEqual([1, ""]);
});
