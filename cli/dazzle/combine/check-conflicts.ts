/** Files that several chunks of a combination write, told before anything is tested or pushed. */
import type { Gateway, GatewayCapabilities } from "../../../client/index.ts";
import { BuildError } from "../../../llb/index.ts";
import {
  type Combination,
  type Conflict,
  describeConflicts,
  findConflicts,
  type OciPlatform,
  type WrittenFiles,
} from "../../../mzbuild/index.ts";
import { type ImageSet, imageOf, platformOfConfig } from "../image-set.ts";
import type { ChunkSource } from "./chunk-sources.ts";
import type { TreeSource } from "./combination-tree.ts";
import { writtenFiles } from "./written-files.ts";

export interface ConflictCheck {
  readonly gateway: Gateway;
  readonly capabilities: GatewayCapabilities;
  readonly sources: ReadonlyMap<string, ChunkSource>;
  readonly base: ImageSet;
  readonly builtOn: string;
  readonly signal: AbortSignal;
}

/** By combination, those that have any. Only chunks are looked at whose full image is in the registry. */
export async function conflictsOf(
  check: ConflictCheck,
  combinations: readonly Combination[],
): Promise<ReadonlyMap<string, readonly Conflict[]>> {
  const { sources, base } = check;
  const [first] = base.images;
  const files = new Map<string, WrittenFiles>();
  // A chunk that is in no combination with another one can't be in anybody's way.
  const names = new Set(combinations.filter(({ chunks }) => chunks.length > 1).flatMap(({ chunks }) => chunks));
  await Promise.all(
    [...names].map(async (name) => {
      const source = treeSource(sources.get(name), first?.platform);
      if (first !== undefined && source !== undefined) files.set(name, await list(check, source, first.image.config));
    }),
  );
  const found = combinations.map(
    ({ name, chunks }) => [name, findConflicts(chunks, (chunk) => files.get(chunk))] as const,
  );
  return new Map(found.filter(([, conflicts]) => conflicts.length > 0));
}

function treeSource(source: ChunkSource | undefined, platform: OciPlatform | undefined): TreeSource | undefined {
  const chunked = source === undefined ? undefined : imageOf(source.chunked, platform);
  if (source?.full === undefined || chunked === undefined) return undefined;
  return { chunk: source.chunk, full: source.full, chunked };
}

function list(
  { gateway, capabilities, builtOn, signal }: ConflictCheck,
  source: TreeSource,
  config: Parameters<typeof platformOfConfig>[0],
): Promise<WrittenFiles> {
  const hostArchitecture = capabilities.workers[0]?.platforms[0]?.Architecture ?? "amd64";
  const canDiff = capabilities.llb.has("diffop");
  return writtenFiles(
    { gateway, builtOn, platform: platformOfConfig(config), hostArchitecture, canDiff, signal },
    source,
  );
}

/** Lines for all combinations; what several of them have in common is told once. */
export function conflictLines(conflicts: ReadonlyMap<string, readonly Conflict[]>): readonly string[] {
  const byLine = new Map<string, string[]>();
  for (const [name, list] of conflicts) {
    for (const line of describeConflicts(list)) byLine.set(line, [...(byLine.get(line) ?? []), name]);
  }
  return [...byLine].map(
    ([line, names]) => `${line} (in ${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""})`,
  );
}

/** For `--strict`. */
export function conflictError(name: string, conflicts: readonly Conflict[]): BuildError {
  const [first] = conflicts;
  const more = conflicts.length > 1 ? ` (and ${conflicts.length - 1} more files)` : "";
  const message = `chunks ${first?.chunks.join(" and ")} of combination ${name} both write ${first?.path}${more}`;
  return new BuildError("chunk-conflict", message, {
    hint: "move it into the base, or into one of the chunks; without --strict the last one's is taken",
  });
}
