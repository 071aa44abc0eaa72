/**
 * Combinations, made of chunks that were built before: their manifests are put together, their layers stay where they are. Tests run
 * first, in the merged tree. docs/dazzle.md, "Combinations".
 */

import type { Gateway } from "../../../client/index.ts";
import type { Combination, ImageName, TargetRepository } from "../../../mzbuild/index.ts";
import { collectFailures, type Failure } from "../failures.ts";
import { fetchImageSet, pushImageSet } from "../image-set.ts";
import type { Registry } from "../registry.ts";
import type { TestResult } from "../test/run-test.ts";
import { allPassed } from "../test/tell-results.ts";
import { TestsFailed } from "../test/tests-failed.ts";
import type { ChunkSource } from "./chunk-sources.ts";
import { type CombinedPlatform, type CombineTask, combinedImages, isSameImage } from "./combined-image.ts";
import type { CombinationTests } from "./test-combination.ts";

export interface CombineRequest {
  readonly combinations: readonly Combination[];
  readonly images: CombineTask;
  /** Where the combinations go. */
  readonly target: TargetRepository;
  /** Where base and chunks are. */
  readonly built: TargetRepository;
  readonly registry: Registry;
  readonly signal: AbortSignal;
  /** Told of each combination that is in the registry. */
  readonly onPushed: (combination: Combination, digest: string, unchanged: boolean) => void;
  readonly onTests: (name: string, results: readonly TestResult[]) => void;
}

/**
 * Pushes combinations, each after its tests; what failed is given back. Tests run where `tests` says how, within the solve of
 * `gateway`.
 */
export async function combineAll(
  request: CombineRequest,
  tests: { readonly gateway: Gateway; readonly run: CombinationTests; readonly signal: AbortSignal } | undefined,
): Promise<readonly Failure[]> {
  return collectFailures(request.combinations, request.signal, async (combination) => {
    try {
      const combined = combinedImages(request.images, combination);
      if (tests !== undefined) {
        const results = await tests.run(tests.gateway, combination, combined, tests.signal);
        request.onTests(combination.name, results);
        if (!allPassed(results)) throw new TestsFailed("tests failed", results);
      }
      await push(request, combination, combined);
      return undefined;
    } catch (error) {
      request.signal.throwIfAborted();
      return { name: combination.name, lead: `cannot combine ${combination.name}`, error };
    }
  });
}

/** What is there already, but for its time, stays as it is: its digest, too. */
async function push(
  { registry, target, built, onPushed }: CombineRequest,
  combination: Combination,
  combined: readonly CombinedPlatform[],
): Promise<void> {
  const name: ImageName = { repository: target.name, tag: combination.name };
  const known = await fetchImageSet(registry, name).catch(() => undefined);
  if (known !== undefined && isSameImage(known, combined)) return onPushed(combination, known.digest, true);
  if (target.name !== built.name) {
    const layers = new Set(combined.flatMap(({ image }) => image.manifest.layers.map(({ digest }) => digest)));
    const [from, to] = [built.name, target.name];
    await Promise.all([...layers].map((digest) => registry.copyBlob(from, to, digest)));
  }
  onPushed(combination, await pushImageSet(registry, name, combined), false);
}

/** Whether any test would run. */
export function hasTests(combinations: readonly Combination[], sources: ReadonlyMap<string, ChunkSource>): boolean {
  return combinations.some(({ chunks }) => chunks.some((name) => (sources.get(name)?.chunk.tests.length ?? 0) > 0));
}
