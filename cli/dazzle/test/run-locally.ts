/** Tests on this machine, without a container: for writing them. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { BuildError } from "../../../llb/index.ts";
import type { TestSpec } from "../../../mzbuild/index.ts";
import type { Terminal } from "../../terminal.ts";
import type { CommandOutcome } from "./assertions.ts";
import { judge, MAX_OUTPUT_BYTES, newNonce, outcomeOf, runnerArguments, type TestResult } from "./run-test.ts";
import { runnerProgram } from "./runner-tree.ts";

export interface LocalRunner extends AsyncDisposable {
  /** What a test's command leaves behind, or why it can't be told. */
  readonly run: (spec: TestSpec) => Promise<CommandOutcome | { readonly problem: string }>;
}

/** Throws `BuildError` "no-test-runner" where there is none for this machine. */
export async function localRunner(
  { env, cwd, arch, platform, signal }: Terminal,
  timeoutMs: number,
): Promise<LocalRunner> {
  const program = platform === "linux" ? runnerProgram(arch === "x64" ? "amd64" : arch) : undefined;
  if (program === undefined) {
    throw new BuildError("no-test-runner", `tests can't be run on this machine (${platform}, ${arch})`, {
      hint: "mzdazzle build runs them in the engine",
    });
  }
  const directory = await mkdtemp(join(tmpdir(), "mzdazzle-"));
  const path = join(directory, "runner");
  await writeFile(path, program);
  await chmod(path, 0o755);
  return {
    run: async (spec) => {
      const nonce = newNonce();
      const deadline = AbortSignal.timeout(timeoutMs);
      const result = await execa(path, runnerArguments(nonce, spec), {
        cwd,
        env: { ...env },
        extendEnv: false,
        stdin: "ignore",
        encoding: "buffer",
        stripFinalNewline: false,
        maxBuffer: MAX_OUTPUT_BYTES,
        reject: false,
        cancelSignal: AbortSignal.any([signal, deadline]),
        forceKillAfterDelay: 1000,
      });
      signal.throwIfAborted();
      if (deadline.aborted) return { problem: `it did not end within ${timeoutMs / 1000} s, and was stopped` };
      if (result.isMaxBuffer) return { problem: `it printed more than ${MAX_OUTPUT_BYTES / 1024 / 1024} MiB` };
      return outcomeOf(Buffer.from(result.stdout), Buffer.from(result.stderr), nonce, result.exitCode ?? -1);
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** One after the other, as their commands may be in each other's way here. */
export async function runLocally(
  runner: LocalRunner,
  tests: readonly TestSpec[],
  now: () => number,
): Promise<readonly TestResult[]> {
  const results: TestResult[] = [];
  for (const spec of tests) {
    const begun = now();
    const verdict = await judge(spec, now, runner.run);
    results.push({ spec, tookMs: now() - begun, ...verdict });
  }
  return results;
}
