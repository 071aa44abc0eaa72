/** Sub-requests about an image of the repository: its Dockerfile, on the images that it names. Nothing is built for them. */
import { BuildError, formatPlatform, type SourceMap } from "../../llb/index.ts";
import { buildArgsOf, type Image, imageSources, platformOf, type Variant } from "../../mzbuild/index.ts";
import type { gateway as contract, Init } from "../../proto/index.ts";
import {
  type Attributes,
  answerSubrequest,
  type Known,
  type LintWarning,
  parseBuildOptions,
  parseDockerfile,
  type RepositoryImage,
  type SubrequestRound,
} from "../dockerfile/index.ts";
import { type CompileTask, compilePlan } from "./compile-plan.ts";
import { metadataBytes } from "./solve-builds.ts";
import { solverOf } from "./solver.ts";
import { answerWithStandIns } from "./stand-ins.ts";

export interface ImageSubrequest {
  readonly id: string;
  readonly task: CompileTask;
  readonly image: Image;
  /** Its Dockerfile. */
  readonly source: SourceMap;
  readonly variant: Variant;
  readonly opts: Attributes;
}

/** Throws `BuildError`. */
export async function answerImageRequest(request: ImageSubrequest): Promise<Init<contract.Result>> {
  const { id, task, image, source, variant } = request;
  const { sessionId } = task;
  const parsed = parseDockerfile(image.dockerfile, source.filename);
  const images = id === "frontend.targets" ? new Map() : await basesOf(request);
  const excludePatterns = await ignoredPatterns(task, image);
  const solver = solverOf(task.capabilities);
  const warnings: LintWarning[] = [];
  const step = (attributes: Attributes) => (known: Known) => {
    const own = task.ownAttributes?.get(image.name);
    const opts = { ...attributes, ...own, ...buildArgs(image, variant), ...task.buildArgs };
    const platform = formatPlatform(platformOf(variant.architecture));
    const options = {
      build: parseBuildOptions({ ...opts, platform }, solver),
      opts,
      sessionId,
      source,
      supports: solver.supports,
      mainContext: { kind: "local", name: "context", excludePatterns },
      images,
    } as const;
    const round = answerSubrequest(id, { parsed, options, known, warnings });
    if (round === undefined) throw new BuildError("unsupported-request", `unsupported request ${id}`);
    return round;
  };
  const { metadata } = await answerWithStandIns<SubrequestRound>(task, step);
  return { metadata: metadataBytes(metadata) };
}

/** The images that MZFROM may name: compiled, or in a registry. */
async function basesOf({ task, image, variant }: ImageSubrequest): Promise<ReadonlyMap<string, RepositoryImage>> {
  if (image.dependencies.length === 0) return new Map();
  const { plan, images } = await compilePlan({ ...task, targets: image.dependencies }, variant);
  return new Map(
    plan.steps.flatMap(({ image: { name }, spec }): readonly [string, RepositoryImage][] => {
      if (!image.dependencies.includes(name)) return [];
      const built = images.get(name);
      return built === undefined
        ? [[name, { kind: "reference", reference: spec }]]
        : [[name, { kind: "state", output: built.output, config: built.config }]];
    }),
  );
}

async function ignoredPatterns({ repository }: CompileTask, image: Image): Promise<readonly string[]> {
  const because = { kind: "asked-for" } as const;
  const sources = await imageSources(repository, [{ kind: "build", image, spec: "", because, neededBy: [] }]);
  return sources.get(image.name)?.ignored ?? [];
}

function buildArgs(image: Image, variant: Variant): Attributes {
  return Object.fromEntries([...buildArgsOf(image, variant)].map(([name, value]) => [`build-arg:${name}`, value]));
}
