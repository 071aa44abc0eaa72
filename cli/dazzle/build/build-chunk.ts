/** One chunk that the registry lacks, or whose tests haven't passed yet: built, tested, pushed. */
import { join } from "node:path";
import type { Gateway } from "../../../client/index.ts";
import { BuildError, definitionToProto, image, marshal } from "../../../llb/index.ts";
import { type Chunk, formatImageName } from "../../../mzbuild/index.ts";
import type { BaseInfo } from "../base-info.ts";
import { fetchImageSet, platformOfConfig } from "../image-set.ts";
import { runTests } from "../test/run-tests.ts";
import { allPassed } from "../test/tell-results.ts";
import { TestsFailed } from "../test/tests-failed.ts";
import { withGateway } from "../with-gateway.ts";
import type { Limits, ProjectBuild } from "./build-project.ts";
import { type ChunkState, storePassed } from "./chunk-state.ts";
import { type BuiltPlatform, buildAndPush } from "./solve-image.ts";

/** `FROM ${base}` without a default is how chunks begin. */
const NO_DEFAULT_NEEDED = { "build-arg:BUILDKIT_DOCKERFILE_CHECK": "skip=InvalidDefaultArgInFrom" };

function hasOwnChecks({ dockerfile }: Chunk): boolean {
  return /^#\s*check\s*=/m.test(Buffer.from(dockerfile).toString("latin1"));
}

/** Built, tested, and only then pushed. Tests that have passed already don't run again. */
export async function buildChunk(
  build: ProjectBuild,
  base: BaseInfo,
  { chunk, names, passed }: ChunkState,
  limits: Limits,
): Promise<void> {
  const { open, registry, originalDockerfiles, warn } = build;
  if (chunk.args.has("base")) {
    warn(`${chunk.name}: an argument named base would replace the base, and is left out`);
  }
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
export async function testExisting(build: ProjectBuild, { chunk, names }: ChunkState, limits: Limits): Promise<void> {
  const full = await fetchImageSet(build.registry, names.full);
  if (full === undefined) throw new BuildError("no-full-image", `${formatImageName(names.full)}: not found`);
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
  const results = await Promise.all(
    built.map(({ ref, config }) =>
      runTests({
        gateway,
        ref,
        config: config.config,
        architecture: config.architecture,
        ofSeveral: built.length > 1,
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
