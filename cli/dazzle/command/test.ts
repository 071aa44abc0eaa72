/** `mzdazzle test run` and `test add`: what dazzle-util does, for writing tests. docs/dazzle.md. */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { BuildError } from "../../../llb/index.ts";
import { readTests, type TestSpec, writeTests } from "../../../mzbuild/index.ts";
import { type Terminal, takesColour } from "../../terminal.ts";
import { paintWith } from "../../text/index.ts";
import { UsageError } from "../../usage-error.ts";
import { writeWhole } from "../../write-whole.ts";
import type { DazzleGlobals } from "../options.ts";
import { type CommandOutcome, checkAssertions } from "../test/assertions.ts";
import { junitXml } from "../test/junit.ts";
import { localRunner, runLocally } from "../test/run-locally.ts";
import { splitCommand } from "../test/split-command.ts";
import { allPassed, resultCount, resultLines } from "../test/tell-results.ts";
import { TestsFailed } from "../test/tests-failed.ts";
import { parseDuration } from "../test-timeout.ts";

export interface TestRunFlags extends DazzleGlobals {
  readonly outputTestXml?: string;
  readonly testTimeout?: string;
}

/** Runs the tests of files here. Throws `BuildError` "tests-failed" where one doesn't pass. */
export async function testRun(terminal: Terminal, flags: TestRunFlags, files: readonly string[]): Promise<void> {
  const timeoutMs = parseDuration("--test-timeout", flags.testTimeout);
  const suites = await Promise.all(
    files.map(async (file) => ({ name: file, tests: readTests(file, await readFile(resolve(terminal.cwd, file))) })),
  );
  const paint = paintWith(takesColour(terminal.stderr, terminal.env));
  await using runner = await localRunner(terminal, timeoutMs);
  const done = [];
  for (const { name, tests } of suites) {
    const results = await runLocally(runner, tests, terminal.now);
    terminal.stderr.write(`${[...resultLines(name, results, paint), `${name}: ${resultCount(results)}`].join("\n")}\n`);
    done.push({ name, results });
  }
  if (flags.outputTestXml !== undefined) await writeFile(resolve(terminal.cwd, flags.outputTestXml), junitXml(done));
  const all = done.flatMap(({ results }) => results);
  if (!allPassed(all)) throw new BuildError("tests-failed", new TestsFailed("tests failed", all).message);
}

export interface TestAddFlags extends DazzleGlobals {
  readonly description?: string;
  readonly command?: string;
  readonly user?: string;
  readonly env?: readonly string[];
  readonly entrypoint?: string;
}

/** Runs a command here, asks for assertions, and adds the test to the file. */
export async function testAdd(terminal: Terminal, flags: TestAddFlags, file: string): Promise<void> {
  const path = resolve(terminal.cwd, file);
  const known = await existing(path, file);
  await using input = lines(terminal);
  const desc = flags.description ?? (await input.ask("Description: "));
  const command = splitCommand(flags.command ?? (await input.ask("Command: ")));
  if (desc === "" || command.length === 0)
    throw new UsageError("a test has a description and a command", "-d and -c give them");
  const at = { file, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  const spec: TestSpec = {
    desc,
    command,
    skip: false,
    user: flags.user ?? "",
    env: flags.env ?? [],
    entrypoint: flags.entrypoint === undefined ? [] : splitCommand(flags.entrypoint),
    assertions: [],
    at,
    assertionsAt: [],
  };
  await using runner = await localRunner(terminal, parseDuration("--test-timeout", undefined));
  const outcome = await runner.run(spec);
  if ("problem" in outcome) throw new BuildError("test-error", outcome.problem);
  const assertions = await askAssertions(terminal, input, outcome);
  const text = writeTests([...known, { ...spec, assertions }]);
  writeWhole(path, text);
  terminal.stdout.write(text);
}

async function existing(path: string, file: string): Promise<readonly TestSpec[]> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return new Uint8Array();
    throw error;
  });
  return bytes.length === 0 ? [] : readTests(file, bytes);
}

async function askAssertions(terminal: Terminal, input: Lines, outcome: CommandOutcome): Promise<readonly string[]> {
  const text = (bytes: Uint8Array): string => JSON.stringify(new TextDecoder().decode(bytes));
  terminal.stderr.write(
    `stdout: ${text(outcome.stdout)}\nstderr: ${text(outcome.stderr)}\nstatus: ${outcome.status}\n` +
      "Assertions, one a line, such as: status == 0. An empty line ends them.\n",
  );
  const assertions: string[] = [];
  for (let line = await input.ask("Assertion: "); line !== ""; line = await input.ask("Assertion: ")) {
    const result = await checkAssertions([line], outcome, { now: terminal.now });
    if (result.kind === "passed") assertions.push(line);
    else terminal.stderr.write(`not added: ${result.message}\n`);
  }
  return assertions;
}

interface Lines extends AsyncDisposable {
  /** Empty at the end of the input. */
  ask(prompt: string): Promise<string>;
}

function lines({ stdin, stderr }: Terminal): Lines {
  const reader = createInterface({ input: stdin });
  const iterator = reader[Symbol.asyncIterator]();
  return {
    ask: async (prompt) => {
      stderr.write(prompt);
      const next = await iterator.next();
      return next.done ? "" : next.value.trim();
    },
    [Symbol.asyncDispose]: async () => reader.close(),
  };
}
