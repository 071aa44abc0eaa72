/** What `combine` and `rebase` do once it is known which chunks go on which base. */
import type { Gateway } from "../../../client/index.ts";
import {
  type Combination,
  formatImageName,
  type NamingContext,
  type OciImage,
  type TargetRepository,
} from "../../../mzbuild/index.ts";
import { type Terminal, takesColour } from "../../terminal.ts";
import { paintWith } from "../../text/index.ts";
import type { BaseInfo } from "../base-info.ts";
import { PARALLEL_TESTS } from "../build/build-project.ts";
import type { BuildTools } from "../build/solve-image.ts";
import type { Failure } from "../failures.ts";
import { limiter } from "../limit.ts";
import type { OpenProject } from "../open-project.ts";
import type { Registry } from "../registry.ts";
import { resultCount, resultLines } from "../test/tell-results.ts";
import { conflictError, conflictLines, conflictsOf } from "./check-conflicts.ts";
import { type ChunkSource, chunkSources } from "./chunk-sources.ts";
import { type CombineRequest, combineAll, hasTests } from "./combine-project.ts";
import { createdNow } from "./created.ts";
import { combinationTests } from "./test-combination.ts";

export interface CombineRun {
  readonly terminal: Terminal;
  readonly open: OpenProject;
  readonly combinations: readonly Combination[];
  readonly target: TargetRepository;
  /** Where base and chunks are. */
  readonly built: TargetRepository;
  readonly registry: Registry;
  /** What the combinations are on. */
  readonly base: BaseInfo;
  /** What chunks were built on, and so are named by: the base's own, unless they are rebased. */
  readonly naming: NamingContext;
  /** See `CombineTask`. */
  readonly adapt?: ((chunk: OciImage, base: OciImage, platform: string) => OciImage) | undefined;
  readonly withTests: boolean;
  /** Whether files that several chunks write are an error. */
  readonly strict: boolean;
  readonly verbose: boolean;
  readonly testTimeoutMs: number;
  readonly progress: BuildTools["progress"];
  readonly tools: () => Promise<Pick<BuildTools, "terminal" | "connected" | "given" | "progress">>;
}

/** What failed; the rest is pushed. Throws what concerns all of it. */
export async function runCombine(run: CombineRun): Promise<readonly Failure[]> {
  const { open, combinations, registry, naming, withTests, strict } = run;
  const withFull = withTests || strict;
  const sources = await chunkSources(registry, open.project, combinations, naming, { withFull });
  const request = requestOf(run, sources);
  if (!strict && !(withTests && hasTests(combinations, sources))) return combineAll(request, undefined);
  const { withGateway } = await import("../with-gateway.ts");
  return withGateway(await run.tools(), (gateway, signal) => combineWith(run, request, gateway, signal));
}

async function combineWith(
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

function requestOf(run: CombineRun, sources: ReadonlyMap<string, ChunkSource>): CombineRequest {
  const { terminal, open, combinations, target, built, registry, base, progress, verbose, adapt } = run;
  const paint = paintWith(takesColour(terminal.stderr, terminal.env));
  const { envVars } = open.project.config;
  const images = { base: base.images, sources, envVars, created: createdNow(terminal) };
  return {
    combinations,
    images: adapt === undefined ? images : { ...images, adapt },
    target,
    built,
    registry,
    signal: terminal.signal,
    onPushed: ({ name }, digest, unchanged) => {
      const reference = `${formatImageName({ repository: target.name, tag: name })}@${digest}`;
      progress.note(`combination ${name} is ${reference}${unchanged ? ", as before" : ""}`);
    },
    onTests: (name, results) => {
      if (results.length === 0) return;
      const lines = verbose ? resultLines(name, results, paint) : [];
      progress.note([...lines, `${name}: ${resultCount(results)}`].join("\n"));
    },
  };
}
