/**
 * One test of a chunk, in a container of its own: its command is run, and its assertions are asked. docs/dazzle.md, "Tests".
 * Source of the rules: gitpod-io/dazzle v0.1.17: pkg/test/test.go, pkg/test/buildkit/container.go.
 */
import { randomBytes } from "node:crypto";
import { type Gateway, RpcError } from "../../../client/index.ts";
import type { TestSpec } from "../../../mzbuild/index.ts";
import { FOREIGN_PROCESSOR, foreignProcessorAdvice } from "../../progress/index.ts";
import type { CommandOutcome } from "./assertions.ts";

/** What a test runs in. */
export interface TestWorld {
  readonly gateway: Gateway;
  /** The image's tree, as a result of the gateway's solve. */
  readonly ref: string;
  /** The runner's, as `runnerTree` makes it. */
  readonly runnerRef: string;
  /** Of the image. */
  readonly env: readonly string[];
  readonly user: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

export type TestResult = {
  readonly spec: TestSpec;
  readonly tookMs: number;
  /** What it ran on, where it runs on several. */
  readonly platform?: string | undefined;
} & TestVerdict;

export type TestVerdict =
  | { readonly kind: "passed" }
  | { readonly kind: "skipped" }
  | {
      /** `failed`: an assertion doesn't hold. `error`: there is no telling whether it would. */
      readonly kind: "failed" | "error";
      readonly message: string;
      readonly details: readonly string[];
      /** Of the assertion; undefined where it is none. */
      readonly assertion?: number | undefined;
      readonly outcome?: CommandOutcome | undefined;
    };

const RUNNER = "/dev/dazzle-runner";
/** With its group: by number alone, BuildKit before 0.30 fails in an image without /etc/group. */
const ROOT = "0:0";

/** Throws `RpcError` where the daemon fails, and what the signal says. */
export async function runTest(world: TestWorld, spec: TestSpec): Promise<TestResult> {
  const begun = world.now();
  const verdict = await judge(spec, world.now, () => runCommand(world, spec));
  return { spec, tookMs: world.now() - begun, ...verdict };
}

/** Runs a test's command by `run`, and asks its assertions. */
export async function judge(
  spec: TestSpec,
  now: () => number,
  run: (spec: TestSpec) => Promise<CommandOutcome | { readonly problem: string }>,
): Promise<TestVerdict> {
  if (spec.skip) return { kind: "skipped" };
  const problem = problemOf(spec);
  const outcome = problem === undefined ? await run(spec) : { problem };
  if ("problem" in outcome) return { kind: "error", message: outcome.problem, details: [] };
  const { checkAssertions } = await import("./assertions.ts");
  const printed: string[] = [];
  const result = await checkAssertions(spec.assertions, outcome, {
    onPrint: (line) => printed.push(`console: ${line}`),
    now,
  });
  if (result.kind === "passed") return { kind: "passed" };
  const details = result.kind === "failed" ? result.details : [];
  return {
    kind: result.kind,
    message: result.message,
    details: [...details, ...printed.slice(0, 100)],
    assertion: result.index,
    outcome,
  };
}

function problemOf({ command, entrypoint, env }: TestSpec): string | undefined {
  if (command.length === 0 && entrypoint.length === 0) return "the test has neither a command nor an entrypoint";
  const entry = env.find((variable) => !variable.includes("="));
  return entry === undefined ? undefined : `env: ${JSON.stringify(entry)} has no value: NAME=VALUE`;
}

/** More is not kept. */
export const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

async function runCommand(world: TestWorld, spec: TestSpec): Promise<CommandOutcome | { readonly problem: string }> {
  const nonce = newNonce();
  const output = { stdout: collector(), stderr: collector() };
  const deadline = AbortSignal.timeout(world.timeoutMs);
  const signal = AbortSignal.any([world.signal, deadline]);
  await using container = await world.gateway.newContainer(
    {
      Mounts: [
        { dest: "/", resultID: world.ref },
        { dest: RUNNER, selector: "/runner", readonly: true, resultID: world.runnerRef },
      ],
    },
    { signal: world.signal },
  );
  try {
    const running = container.run({
      args: [RUNNER, ...runnerArguments(nonce, spec)],
      env: world.env,
      // The runner becomes the user of the test itself, which needs root for it.
      user: spec.user === "" ? world.user : ROOT,
      onStdout: (data) => output.stdout.add(data),
      onStderr: (data) => output.stderr.add(data),
      signal,
    });
    const exitCode = await running.exit;
    if (output.stdout.overflown() || output.stderr.overflown()) {
      return { problem: `it printed more than ${MAX_OUTPUT_BYTES / 1024 / 1024} MiB` };
    }
    return outcomeOf(output.stdout.bytes(), output.stderr.bytes(), nonce, exitCode);
  } catch (error) {
    world.signal.throwIfAborted();
    if (deadline.aborted) {
      return {
        problem: `it did not end within ${shownTime(world.timeoutMs)}, and was stopped; --test-timeout gives it longer`,
      };
    }
    const { message, connectionLost } = RpcError.from(error);
    if (connectionLost) throw error;
    return { problem: `the container can't be run: ${message}` };
  }
}

/** What the runner's first argument is: nobody can know it before. */
export function newNonce(): string {
  return `dazzle-${randomBytes(12).toString("hex")}`;
}

/** As runner.c has them. */
export function runnerArguments(nonce: string, { command, entrypoint, env, user }: TestSpec): readonly string[] {
  const terminal = entrypoint.length > 0 ? "t" : "-";
  return [nonce, user, terminal, String(env.length), ...env, ...entrypoint, ...command];
}

/** What the runner has handed through, its own last line taken off. */
export function outcomeOf(
  stdout: Buffer,
  stderr: Buffer,
  nonce: string,
  exitCode: number,
): CommandOutcome | { readonly problem: string } {
  const at = stderr.lastIndexOf(`${nonce} `);
  if (at === -1) {
    const said = stderr.toString("utf8").slice(-500).trimEnd();
    if (FOREIGN_PROCESSOR.test(said)) return { problem: `it can't be started: ${foreignProcessorAdvice}` };
    return { problem: `the command's end can't be told: the container ended with exit code ${exitCode}: ${said}` };
  }
  const status = Number.parseInt(stderr.subarray(at + nonce.length + 1).toString("latin1"), 10);
  return { stdout, stderr: stderr.subarray(0, at), status };
}

interface Collector {
  readonly add: (data: Uint8Array) => undefined;
  readonly bytes: () => Buffer;
  readonly overflown: () => boolean;
}

function collector(): Collector {
  const pieces: Uint8Array[] = [];
  let size = 0;
  return {
    add: (data) => {
      size += data.length;
      if (size <= MAX_OUTPUT_BYTES) pieces.push(data);
    },
    bytes: () => Buffer.concat(pieces),
    overflown: () => size > MAX_OUTPUT_BYTES,
  };
}

function shownTime(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}
