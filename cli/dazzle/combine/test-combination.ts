/** The tests of all chunks of a combination, in its merged tree, with its merged variables. */

import type { Gateway, GatewayCapabilities } from "../../../client/index.ts";
import { definitionToProto, image, marshal, type Output, type Platform } from "../../../llb/index.ts";
import type { Combination, TargetRepository } from "../../../mzbuild/index.ts";
import { imageOf, platformOfConfig } from "../image-set.ts";
import type { Registry } from "../registry.ts";
import type { TestResult } from "../test/run-test.ts";
import { runTests } from "../test/run-tests.ts";
import type { ChunkSource } from "./chunk-sources.ts";
import { combinationTree, type TreeSource } from "./combination-tree.ts";
import type { CombinedPlatform } from "./combined-image.ts";

export interface TestSetting {
  readonly sources: ReadonlyMap<string, ChunkSource>;
  /** With its digest: what combinations are on. */
  readonly base: string;
  /** What the chunks were built on: the same, unless they are rebased. */
  readonly builtOn: string;
  /** Where base and chunks are. */
  readonly built: TargetRepository;
  readonly registry: Registry;
  readonly timeoutMs: number;
  readonly limit: <T>(work: () => Promise<T>) => Promise<T>;
  readonly now: () => number;
  /** Told, once, that the tree has to be put together in another way. */
  readonly onDetour: (reason: string) => void;
}

export type CombinationTests = (
  gateway: Gateway,
  combination: Combination,
  combined: readonly CombinedPlatform[],
  signal: AbortSignal,
) => Promise<readonly TestResult[]>;

/** `capabilities` are those of the daemon. */
export function combinationTests(setting: TestSetting, capabilities: GatewayCapabilities): CombinationTests {
  return async (gateway, combination, combined, signal) => {
    const tests = combination.chunks.flatMap((name) => setting.sources.get(name)?.chunk.tests ?? []);
    if (tests.length === 0) return [];
    const results = await Promise.all(
      combined.map(async (platformImage) => {
        const tree = await treeOf(setting, capabilities, combination, platformImage);
        const { ref } = await gateway.solve({ Definition: definitionToProto(marshal(tree)) }, { signal });
        if (ref !== undefined) await gateway.statFile({ ref: ref.id, path: "/" }, { signal });
        return runTests({
          gateway,
          ref: ref?.id ?? "",
          config: platformImage.config.config,
          architecture: platformImage.config.architecture,
          ofSeveral: combined.length > 1,
          tests,
          timeoutMs: setting.timeoutMs,
          limit: setting.limit,
          signal,
          now: setting.now,
        });
      }),
    );
    return results.flat();
  };
}

async function treeOf(
  setting: TestSetting,
  capabilities: GatewayCapabilities,
  { name, chunks }: Combination,
  combined: CombinedPlatform,
): Promise<Output | undefined> {
  const platform = platformOfConfig(combined.config);
  const sources = chunks.map((chunk): TreeSource | undefined => {
    const source = setting.sources.get(chunk);
    const chunked = source === undefined ? undefined : imageOf(source.chunked, combined.platform);
    if (source?.full === undefined || chunked === undefined) return undefined;
    return { chunk: source.chunk, full: source.full, chunked };
  });
  const whole = sources.filter((source) => source !== undefined);
  const reason = detour(capabilities, chunks, sources);
  if (reason === undefined) {
    const { base, builtOn } = setting;
    return combinationTree({ name, base, builtOn, platform, sources: whole });
  }
  setting.onDetour(reason);
  return pushedTree(setting, name, combined, platform);
}

function detour(
  { llb }: GatewayCapabilities,
  chunks: readonly string[],
  sources: readonly (TreeSource | undefined)[],
): string | undefined {
  if (chunks.length === 0) return undefined;
  if (!llb.has("mergeop") || !llb.has("diffop")) {
    return "the engine can't merge trees (BuildKit can since 0.10, Docker's with its containerd image store): combinations are copied through the registry to be tested";
  }
  const missing = chunks.find((_, index) => sources[index] === undefined);
  if (missing === undefined) return undefined;
  return `the registry lacks the full image of ${missing}: combinations with it are copied through the registry to be tested`;
}

/** As an image without a tag, which the daemon pulls as any other. */
async function pushedTree(
  { registry, built }: TestSetting,
  name: string,
  { image: { configBytes, manifestBytes, mediaType } }: CombinedPlatform,
  platform: Platform,
): Promise<Output | undefined> {
  const at = built.name;
  const digest = await registry.putBlob(at, configBytes).then(() => registry.putUntagged(at, manifestBytes, mediaType));
  return image(`${built.name}@${digest}`, { platform, name: `[${name}] FROM ${built.name}@${digest}` }).output;
}
