/** `mzdazzle test` and its commands. */
import type { Command } from "commander";
import { collect } from "../../program/options.ts";
import type { Terminal } from "../../terminal.ts";
import type { TestAddFlags, TestRunFlags } from "../command/test.ts";
import type { LoadEngineSide } from "../engine-side.ts";
import { told } from "./told.ts";

export function addTest(program: Command, terminal: Terminal, engineSide: LoadEngineSide): void {
  const test = program.command("test").description("write tests, and try them on this machine");
  test
    .command("run")
    .description("run test files here, without a container")
    .argument("<files...>")
    .option("--output-test-xml <file>", "write the results as JUnit XML")
    .option("--test-timeout <time>", "how long a test may take: 90s, 10m (default: 30m)")
    .action(
      told(terminal, async (files: readonly string[], flags: TestRunFlags) =>
        (await engineSide()).testRun(terminal, flags, files),
      ),
    );
  test
    .command("add")
    .description("run a command here, ask what should be true of it, and add that as a test to a file")
    .argument("<file>")
    .option("-d, --description <text>", "what the test is about")
    .option("-c, --command <command>", 'the command, split at spaces, with " around what has some')
    .option("-u, --user <user>", "who runs it, by number or name")
    .option("-e, --env <name=value>", "a variable for it", collect)
    .option("--entrypoint <command>", "before the command; the test then has a terminal for its input")
    .action(
      told(terminal, async (file: string, flags: TestAddFlags) => (await engineSide()).testAdd(terminal, flags, file)),
    );
}
