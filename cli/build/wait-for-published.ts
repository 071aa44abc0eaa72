/**
 * In CI, the job that publishes an image may be at it still: how often, and how long, it is waited for. docs/format.md, "Acquire"; the
 * numbers are the original's.
 */
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { retried } from "../../client/index.ts";
import { BuildError } from "../../llb/index.ts";
import type { Environment } from "../../mzbuild/index.ts";
import type { Terminal } from "../terminal.ts";

export interface WaitOptions {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
  /** Default: a timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** What the CI system says of the step that builds; undefined where it can't be asked. Default: Buildkite's agent is asked. */
  readonly stateOf?: (step: string) => Promise<string | undefined>;
}

/** Runs `work` again while it throws `BuildError` "image-not-published"; throws "ci-step-failed" where CI says that the build failed. */
export function waitForPublished<T>(options: WaitOptions, work: () => Promise<T>): Promise<T> {
  const { env, signal, warn, wait = (ms, stop) => pause(ms, undefined, { signal: stop }) } = options;
  const { stateOf = (step) => buildkiteState(step, env) } = options;
  const step = env["CI_WAITING_FOR_BUILD"];
  const waitForStep = async (waitMs: number): Promise<unknown> => {
    if (!step) return wait(waitMs, signal);
    for (let state = await stateOf(step); ; state = await stateOf(step)) {
      if (state === undefined) return wait(waitMs, signal);
      if (state === "success") return undefined;
      if (state === "failed") {
        throw new BuildError("ci-step-failed", `the step ${step}, which publishes what is missing, has failed`, {
          hint: "its log says why; CI_WAITING_FOR_BUILD names it",
        });
      }
      await wait(STEP_WAIT_MS, signal);
    }
  };
  return retried(work, {
    waitsMs: waitsOf(step === undefined ? CI_TRIES : WAITING_TRIES),
    isTransient: (error) => error instanceof BuildError && error.code === "image-not-published",
    onRetry: (error, waitMs) => {
      const how = step ? `waiting for ${step}` : `looking again in ${waitMs / 1000} s`;
      warn(`${error instanceof Error ? error.message : String(error)}; ${how}`);
    },
    wait: waitForStep,
    signal,
  });
}

const CI_TRIES = 5;
const WAITING_TRIES = 90;
const STEP_WAIT_MS = 1000;

/** 1, 2, 4, 8, 10, 10, … seconds: one fewer than tries. */
function waitsOf(tries: number): readonly number[] {
  return Array.from({ length: tries - 1 }, (_, index) => Math.min(2 ** index, 10) * 1000);
}

/** The meta-data of this name of the build that this job belongs to. */
async function buildkiteState(step: string, env: Terminal["env"]): Promise<string | undefined> {
  const { failed, stdout } = await execa("buildkite-agent", ["meta-data", "get", step, "--default", "pending"], {
    env: { ...env },
    extendEnv: false,
    reject: false,
  });
  return failed ? undefined : stdout.trim();
}
