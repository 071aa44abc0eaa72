/** `mzdazzle build`: the base, then all chunks at once; what the registry has is left as it is. docs/dazzle.md. */

import { join } from "node:path";
import { BuildError } from "../../../llb/index.ts";
import {
  baseName,
  type Chunk,
  formatImageName,
  type StoredImage,
  type TargetRepository,
} from "../../../mzbuild/index.ts";
import { type BaseInfo, findBase } from "../base-info.ts";
import type { EngineSide } from "../engine-side.ts";
import { collectFailures, type Failure } from "../failures.ts";
import type { PlatformImage } from "../image-set.ts";
import { limiter } from "../limit.ts";
import type { OpenProject } from "../open-project.ts";
import type { Registry } from "../registry.ts";
import type { TestResult } from "../test/run-test.ts";
import { TestsFailed } from "../test/tests-failed.ts";
import { annotateBase } from "./annotate-base.ts";
import { type ChunkNames, chunkNames, chunkState, covers } from "./chunk-state.ts";
import type { BuildTools } from "./solve-image.ts";
import { storeChunk } from "./store-chunk.ts";

export interface ProjectBuild {
  readonly open: OpenProject;
  readonly target: TargetRepository;
  readonly registry: Registry;
  /** What can build; asked for, as `tools`, when something has to be. */
  readonly engineSide: () => Promise<EngineSide>;
  /** The engine with all that goes with it. */
  readonly tools: () => Promise<BuildTools>;
  /** Has images of the repository around the project in its registry. */
  readonly ensureImages: (names: readonly string[]) => Promise<void>;
  readonly platforms: readonly string[];
  readonly noCache: boolean;
  readonly withoutHash: boolean;
  /** Build `Dockerfile` whatever a variant says, as the original does. */
  readonly originalDockerfiles: boolean;
  readonly testTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly onTests: (name: string, results: readonly TestResult[]) => void;
  /** Told of each chunk that is in the registry. */
  readonly onChunk: (chunk: Chunk, names: ChunkNames, sizeBytes: number) => void;
  readonly warn: (text: string) => void;
}

/** How many images are built, and how many tests run at once: the daemon has limits of its own for what is heavy. */
const PARALLEL_BUILDS = 24;
export const PARALLEL_TESTS = 12;

/** What failed; the rest is done. Throws what concerns the project as a whole, and where the work was given up. */
export async function buildProject(build: ProjectBuild): Promise<readonly Failure[]> {
  const found = await provideBase(build);
  if ("lead" in found) return [found];
  const base = build.withoutHash ? await annotateBase(build, found) : found;
  const limitTests = limiter(PARALLEL_TESTS);
  const limitBuilds = limiter(PARALLEL_BUILDS);
  return collectFailures(build.open.project.chunks, build.signal, (chunk) =>
    provideChunk(build, base, chunk, { limitBuilds, limitTests }),
  );
}

/** The base as the registry has it, built if it has to be. */
export async function provideBase(
  build: Pick<
    ProjectBuild,
    "open" | "target" | "registry" | "platforms" | "signal" | "engineSide" | "tools" | "ensureImages"
  >,
): Promise<BaseInfo | Failure> {
  const { open, target, registry, platforms, signal } = build;
  const known = await findBase(open, registry, target);
  if (known !== undefined && covers(known.images, platforms)) return known;
  const { base } = open.project;
  try {
    if (open.baseImages.length > 0) await build.ensureImages(open.baseImages);
    const { buildAndPush } = await build.engineSide();
    await buildAndPush(await build.tools(), {
      label: "base",
      reference: formatImageName(baseName(open.project, open.hashes, target)),
      directory: join(open.root, base.directory),
      filename: base.dockerfileName,
      dockerfile: open.baseImages.length > 0 ? base.dockerfile : undefined,
      args: base.args,
    });
  } catch (error) {
    signal.throwIfAborted();
    return { name: "base", lead: "cannot build base image", error };
  }
  const built = await findBase(open, registry, target);
  if (built !== undefined) return built;
  throw new BuildError("no-base", "cannot fetch base image: the registry doesn't have what was just pushed");
}

export interface Limits {
  readonly limitBuilds: <T>(work: () => Promise<T>) => Promise<T>;
  readonly limitTests: <T>(work: () => Promise<T>) => Promise<T>;
}

async function provideChunk(
  build: ProjectBuild,
  base: BaseInfo,
  chunk: Chunk,
  limits: Limits,
): Promise<Failure | undefined> {
  const { registry, platforms, noCache } = build;
  try {
    const names = chunkNames(chunk, base.naming, build.withoutHash);
    const state = await chunkState(registry, chunk, names, platforms);
    if (noCache || !state.hasFull || !state.passed) {
      const { buildChunk, testExisting } = await build.engineSide();
      await limits.limitBuilds(() =>
        noCache || !state.hasFull ? buildChunk(build, base, state, limits) : testExisting(build, state, limits),
      );
    }
    const current = state.passed && state.hasFull && !noCache ? state.chunked : undefined;
    const sizes = current?.images ?? (await storeChunk(registry, base, names, state.chunked));
    build.onChunk(chunk, names, sizeOf(sizes));
    return undefined;
  } catch (error) {
    build.signal.throwIfAborted();
    const lead = error instanceof TestsFailed ? `cannot test chunk ${chunk.name}` : `cannot build chunk ${chunk.name}`;
    return { name: chunk.name, lead, error };
  }
}

function sizeOf(images: readonly PlatformImage<Pick<StoredImage, "manifest">>[]): number {
  return images.reduce((sum, { image }) => sum + image.manifest.layers.reduce((all, { size }) => all + size, 0), 0);
}
