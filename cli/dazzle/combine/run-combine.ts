/** What `combine` and `rebase` do once it is known which chunks go on which base. */
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
import type { BuildTools } from "../build/solve-image.ts";
import type { EngineSide } from "../engine-side.ts";
import type { Failure } from "../failures.ts";
import type { OpenProject } from "../open-project.ts";
import type { Registry } from "../registry.ts";
import { resultCount, resultLines } from "../test/tell-results.ts";
import { type ChunkSource, chunkSources } from "./chunk-sources.ts";
import { type CombineRequest, combineAll, hasTests } from "./combine-project.ts";
import { createdNow } from "./created.ts";

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
  /** Told of each combination that is in the registry. */
  readonly onPushed?: (name: string, digest: string) => void;
  /** What can test; asked for, as `tools`, when something has to be. */
  readonly engineSide: () => Promise<EngineSide>;
  readonly tools: () => Promise<Pick<BuildTools, "terminal" | "connected" | "given" | "progress">>;
}

/** What failed; the rest is pushed. Throws what concerns all of it. */
export async function runCombine(run: CombineRun): Promise<readonly Failure[]> {
  const { open, combinations, registry, naming, withTests, strict } = run;
  const withFull = withTests || strict;
  const sources = await chunkSources(registry, open.project, combinations, naming, { withFull });
  const request = requestOf(run, sources);
  if (!strict && !(withTests && hasTests(combinations, sources))) return combineAll(request, undefined);
  const { combineWithEngine } = await run.engineSide();
  return combineWithEngine(run, request);
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
      run.onPushed?.(name, digest);
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
