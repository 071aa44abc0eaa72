import { expect, it } from "vitest";
import { mzdazzleProgram } from "../../../cli/dazzle/program.ts";
import { runProgram } from "../../../cli/run-program.ts";
import { testTerminal } from "../test-terminal.ts";

const engineSide = () => Promise.reject(new Error("nothing is built here"));

async function mzdazzle(...args: readonly string[]) {
  const { terminal, stdout, stderr } = testTerminal();
  const exitCode = await runProgram(terminal, args, (own) => mzdazzleProgram(own, engineSide));
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

it.each([
  [["build"], 1, 0],
  [["combine", "--all"], 1, 0],
  [["project", "hash"], 1, 0],
  [["project", "add-combination", "x"], 2, 1],
])("%j says in the original's words, and where it says so, that arguments are missing", async (args, wanted, given) => {
  const { exitCode, stdout, stderr } = await mzdazzle(...args);
  const message = `requires at least ${wanted} arg(s), only received ${given}\n`;
  expect(exitCode).toBe(2);
  expect(stdout).toBe(message);
  expect(stderr).toContain(`error: ${message}  = usage: mzdazzle ${args[0]} `);
});

it("leaves arguments out that a command has no use for, and says so", async () => {
  const { exitCode, stdout, stderr } = await mzdazzle("version", "and", "more");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(stderr).toBe("warning: version has no use for: and more\n");
});
