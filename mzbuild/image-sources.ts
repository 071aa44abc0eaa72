/** What the images of a plan are made from, as the repository has it. */
import { decodeText, readIgnoreFile } from "../frontend/dockerfile/index.ts";
import type { BuildContext } from "./build-context.ts";
import type { Image } from "./image.ts";
import type { PlanStep } from "./plan.ts";
import type { Repository } from "./repository.ts";

/** What the repository has of one image. */
export interface ImageSources {
  readonly image: Image;
  readonly context: BuildContext;
  /** Patterns of the context's ignore file. */
  readonly ignored: readonly string[];
}

/** Of the images that are to be built, by name. Throws as `Repository.context`. */
export async function imageSources(
  repository: Repository,
  steps: readonly PlanStep[],
): Promise<ReadonlyMap<string, ImageSources>> {
  const builds = steps.filter((step) => step.kind === "build");
  const entries = builds.map(async ({ image }) => {
    const context = await repository.context(image.name);
    return [image.name, { image, context, ignored: await ignoredPatterns(repository, context) }] as const;
  });
  return new Map(await Promise.all(entries));
}

/** As docker has it: a file for just this Dockerfile goes before the one of the context. */
async function ignoredPatterns(repository: Repository, { files }: BuildContext): Promise<readonly string[]> {
  for (const name of ["Dockerfile.dockerignore", ".dockerignore"]) {
    const file = files.find(({ path }) => path === name);
    if (file === undefined) continue;
    const [bytes] = await repository.readFiles([file.source]);
    return bytes === undefined ? [] : readIgnoreFile(decodeText(bytes));
  }
  return [];
}
