/** Combinations with what only an engine can say of them: which files are in each other's way, and whether their tests pass. */
import type { Gateway } from "../../../client/index.ts";
import { PARALLEL_TESTS } from "../build/build-project.ts";
import type { Failure } from "../failures.ts";
import { limiter } from "../limit.ts";
import { withGateway } from "../with-gateway.ts";
import { conflictError, conflictLines, conflictsOf } from "./check-conflicts.ts";
import { type CombineRequest, combineAll } from "./combine-project.ts";
import type { CombineRun } from "./run-combine.ts";
import { combinationTests } from "./test-combination.ts";

/** What failed; the rest is pushed. Throws what concerns all of it. */
export async function combineWithEngine(run: CombineRun, request: CombineRequest): Promise<readonly Failure[]> {
  return withGateway(await run.tools(), (gateway, signal) => combineWithin(run, request, gateway, signal));
}

async function combineWithin(
  run: CombineRun,
  request: CombineRequest,
  gateway: Gateway,
  signal: AbortSignal,
): Promise<readonly Failure[]> {
  const { base, naming, built, registry, strict, progress, terminal } = run;
  const { sources } = request.images;
  const capabilities = await gateway.ping({ signal });
  const check = { gateway, capabilities, sources, base: base.images, builtOn: naming.baseRef, signal };
  const conflicts = await conflictsOf(check, run.combinations);
  if (!strict) for (const line of conflictLines(conflicts)) progress.warning(line);
  const refused = strict ? conflicts : new Map<string, never>();
  const failures = [...refused].map(([name, list]): Failure => {
    return { name, lead: `cannot combine ${name}`, error: conflictError(name, list) };
  });
  const detours = new Set<string>();
  const setting = {
    sources,
    base: base.naming.baseRef,
    builtOn: naming.baseRef,
    built,
    registry,
    timeoutMs: run.testTimeoutMs,
    limit: limiter(PARALLEL_TESTS),
    now: terminal.now,
    onDetour: (reason: string) => {
      if (!detours.has(reason)) progress.warning(reason);
      detours.add(reason);
    },
  };
  const tests = run.withTests ? { gateway, run: combinationTests(setting, capabilities), signal } : undefined;
  const allowed = run.combinations.filter(({ name }) => !refused.has(name));
  return [...failures, ...(await combineAll({ ...request, combinations: allowed }, tests))];
}
