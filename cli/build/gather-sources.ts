/** Reads from the repository what the graph of a build is made from. The only part of a compilation that touches the disk. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readIgnoreFile } from "../../frontend/dockerfile/index.ts";
import type { BuildContext, CargoSources, ImageSources, PlanStep, Repository } from "../../mzbuild/index.ts";

/** What the images that are to be built are made from, by name. */
export async function gatherSources(
  repository: Repository,
  root: string,
  steps: readonly PlanStep[],
): Promise<ReadonlyMap<string, ImageSources>> {
  const builds = steps.filter((step) => step.kind === "build");
  const entries = builds.map(async ({ image }) => {
    const context = await repository.context(image.name);
    return [image.name, { image, context, ignored: await ignoredPatterns(root, context) }] as const;
  });
  return new Map(await Promise.all(entries));
}

/** What Cargo needs for all programs of these images together; undefined if they need none. */
export async function gatherCargoSources(
  repository: Repository,
  sources: ReadonlyMap<string, ImageSources>,
): Promise<CargoSources | undefined> {
  const steps = [...sources.values()].flatMap(({ context }) =>
    context.steps.flatMap((step) => (step.kind === "cargo-build" ? [step.step] : [])),
  );
  return steps.length === 0 ? undefined : repository.cargoSources(steps);
}

/** As docker has it: a file for just this Dockerfile goes before the one of the context. */
async function ignoredPatterns(root: string, { files }: BuildContext): Promise<readonly string[]> {
  for (const name of ["Dockerfile.dockerignore", ".dockerignore"]) {
    const file = files.find(({ path }) => path === name);
    if (file !== undefined) return readIgnoreFile(await readFile(join(root, file.source), "utf8"));
  }
  return [];
}
