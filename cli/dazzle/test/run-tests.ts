/** All tests of some chunks in one image, so many at once. */
import type { Gateway } from "../../../client/index.ts";
import { BuildError, definitionToProto, marshal } from "../../../llb/index.ts";
import type { OciContainerConfig, TestSpec } from "../../../mzbuild/index.ts";
import { runTest, type TestResult } from "./run-test.ts";
import { runnerTree } from "./runner-tree.ts";

export interface TestTask {
  readonly gateway: Gateway;
  /** The image's tree, as a result of the gateway's solve. */
  readonly ref: string;
  readonly config: OciContainerConfig;
  /** Go's name. */
  readonly architecture: string;
  /** Whether the image is one of several, for other platforms. */
  readonly ofSeveral: boolean;
  readonly tests: readonly TestSpec[];
  readonly timeoutMs: number;
  /** Lets so many tests run at once, of all images. */
  readonly limit: <T>(work: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** In the order of `tests`: all run, whatever becomes of others. Throws `RpcError` where the daemon fails. */
export async function runTests(task: TestTask): Promise<readonly TestResult[]> {
  const { gateway, config, architecture, tests, signal, limit } = task;
  const runner = runnerTree(architecture);
  if (runner === undefined) {
    throw new BuildError("no-test-runner", `tests can't be run on ${architecture}`, { hint: "amd64 and arm64 can" });
  }
  const { ref } = await gateway.solve({ Definition: definitionToProto(marshal(runner)), Evaluate: true }, { signal });
  const world = {
    gateway,
    ref: task.ref,
    runnerRef: ref?.id ?? "",
    env: config.Env ?? [],
    user: config.User ?? "",
    timeoutMs: task.timeoutMs,
    signal,
    now: task.now,
  };
  const results = await Promise.all(tests.map((spec) => limit(() => runTest(world, spec))));
  return task.ofSeveral ? results.map((result) => ({ ...result, platform: `linux/${architecture}` })) : results;
}
