/**
 * `mzdazzle build`: the base, then all chunks at once; what the registry has is left as it is. docs/dazzle.md. */

import { join } from "node:path";
import type { Gateway } from "../../../client/index.ts";
import { BuildError, definitionToProto, image, marshal } from "../../../llb/index.ts";
import {
  baseName,
  type Chunk,
  formatImageName,
  type StoredImage,
  type TargetRepository,
} from "../../../mzbuild/index.ts";
import { type BaseInfo, findBase } from "../base-info.ts";
import { collectFailures, type Failure } from "../failures.ts";
import { fetchImageSet, type PlatformImage, platformOfConfig } from "../image-set.ts";
import { limiter } from "../limit.ts";
import type { OpenProject } from "../open-project.ts";
import type { Registry } from "../registry.ts";
import type { TestResult } from "../test/run-test.ts";
import { allPassed } from "../test/tell-results.ts";
import { TestsFailed } from "../test/tests-failed.ts";
import { annotateBase } from "./annotate-base.ts";
import { type ChunkNames, type ChunkState, chunkNames, chunkState, covers, storePassed } from "./chunk-state.ts";
import type { BuildTools, BuiltPlatform } from "./solve-image.ts";
import { storeChunk } from "./store-chunk.ts";

export interface ProjectBuild {
  readonly open: OpenProject;
  readonly target: TargetRepository;
  readonly registry: Registry;
  /** The engine with all that goes with it; asked for when something has to be built. */
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
  build: Pick<ProjectBuild, "open" | "target" | "registry" | "platforms" | "signal" | "tools" | "ensureImages">,
): Promise<BaseInfo | Failure> {
  const { open, target, registry, platforms, signal } = build;
  const known = await findBase(open, registry, target);
  if (known !== undefined && covers(known.images, platforms)) return known;
  const { base } = open.project;
  try {
    if (open.baseImages.length > 0) await build.ensureImages(open.baseImages);
    const { buildAndPush } = await import("./solve-image.ts");
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

interface Limits {
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
    if (noCache || !state.hasFull) await limits.limitBuilds(() => buildChunk(build, base, state, limits));
    else if (!state.passed) await limits.limitBuilds(() => testExisting(build, state, limits));
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

/** `FROM ${base}` without a default is how chunks begin. */
const NO_DEFAULT_NEEDED = { "build-arg:BUILDKIT_DOCKERFILE_CHECK": "skip=InvalidDefaultArgInFrom" };

function hasOwnChecks({ dockerfile }: Chunk): boolean {
  return /^#\s*check\s*=/m.test(Buffer.from(dockerfile).toString("latin1"));
}

/** Built, tested, and only then pushed. Tests that have passed already don't run again. */
async function buildChunk(
  build: ProjectBuild,
  base: BaseInfo,
  { chunk, names, passed }: ChunkState,
  limits: Limits,
): Promise<void> {
  const { open, registry, originalDockerfiles, warn } = build;
  if (chunk.args.has("base")) {
    warn(`${chunk.name}: an argument named base would replace the base, and is left out`);
  }
  const { buildAndPush } = await import("./solve-image.ts");
  await buildAndPush(await build.tools(), {
    label: chunk.name,
    reference: formatImageName(names.full),
    directory: join(open.root, Buffer.from(chunk.directory, "latin1").toString("utf8")),
    filename: originalDockerfiles ? "Dockerfile" : chunk.dockerfileName,
    args: new Map([...chunk.args, ["base", base.naming.baseRef]]),
    attributes: hasOwnChecks(chunk) ? undefined : NO_DEFAULT_NEEDED,
    check: passed ? undefined : (gateway, built, signal) => testChunk(build, chunk, limits, { gateway, built, signal }),
  });
  if (!passed) await storePassed(registry, names.testResult);
}

/** The image is there, only its tests have not passed yet: they may be new. */
async function testExisting(build: ProjectBuild, { chunk, names }: ChunkState, limits: Limits): Promise<void> {
  const full = await fetchImageSet(build.registry, names.full);
  if (full === undefined) throw new BuildError("no-full-image", `${formatImageName(names.full)}: not found`);
  const { withGateway } = await import("../with-gateway.ts");
  await withGateway(await build.tools(), async (gateway, signal) => {
    const built = await Promise.all(
      full.images.map(async ({ image: { config } }): Promise<BuiltPlatform> => {
        const reference = `${names.full.repository}@${full.digest}`;
        const tree = image(reference, {
          platform: platformOfConfig(config),
          name: `[${chunk.name}] FROM ${reference}`,
        });
        const { ref } = await gateway.solve({ Definition: definitionToProto(marshal(tree.output)) }, { signal });
        return { ref: ref?.id ?? "", config };
      }),
    );
    await testChunk(build, chunk, limits, { gateway, built, signal });
  });
  await storePassed(build.registry, names.testResult);
}

async function testChunk(
  build: ProjectBuild,
  chunk: Chunk,
  { limitTests }: Limits,
  { gateway, built, signal }: { gateway: Gateway; built: readonly BuiltPlatform[]; signal: AbortSignal },
): Promise<void> {
  const { runTests } = await import("../test/run-tests.ts");
  const results = await Promise.all(
    built.map(({ ref, config }) =>
      runTests({
        gateway,
        ref,
        config: config.config,
        architecture: config.architecture,
        tests: chunk.tests,
        timeoutMs: build.testTimeoutMs,
        limit: limitTests,
        signal,
        now: build.now,
      }),
    ),
  );
  const all = results.flat();
  build.onTests(chunk.name, all);
  if (allPassed(all)) return;
  const hint =
    chunk.dockerfileName !== "Dockerfile" && !build.originalDockerfiles
      ? `it is built from ${chunk.dockerfileName}, where dazzle itself would take Dockerfile: --original-dockerfiles does so, too`
      : undefined;
  throw new TestsFailed(`${chunk.name}: tests failed`, all, hint);
}

function sizeOf(images: readonly PlatformImage<Pick<StoredImage, "manifest">>[]): number {
  return images.reduce((sum, { image }) => sum + image.manifest.layers.reduce((all, { size }) => all + size, 0), 0);
}
