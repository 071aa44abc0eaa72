/**
 * A plan as one graph: every image that has to be built, with its context, its pre-images and its Dockerfile, built upon the
 * images that it names by MZFROM, which are in the same graph or in a registry.
 *
 * Like the Dockerfile compiler below it, this is a step function: it says what it still has to know, or gives the result.
 */
import {
  type Attributes,
  type BuildOptions,
  type CompiledDockerfile,
  compileDockerfile,
  type Known,
  type Lookup,
  type ParseResult,
  parseBuildOptions,
  parseDockerfile,
  type RepositoryImage,
  type Solver,
} from "../frontend/dockerfile/index.ts";
import { BuildError, formatPlatform, type State } from "../llb/index.ts";
import { buildArgsOf } from "./build-args.ts";
import type { BuildContext } from "./build-context.ts";
import { contextState } from "./context-state.ts";
import type { Image } from "./image.ts";
import type { ImageSources } from "./image-sources.ts";
import type { Plan } from "./plan.ts";
import {
  type CargoWorld,
  cargoBuildKind,
  copyKind,
  declarationOf,
  type PreImageKind,
  type RepositoryFiles,
} from "./pre-image/index.ts";
import { platformOf, type Variant } from "./variant.ts";

export interface ImageGraphRequest {
  readonly plan: Plan;
  readonly variant: Variant;
  /** For every image that the plan builds. */
  readonly sources: ReadonlyMap<string, ImageSources>;
  /** For the `cargo-build` steps of these images; undefined if there are none. */
  readonly cargo: Omit<CargoWorld, "files" | "variant"> | undefined;
  readonly solver: Solver;
  /** The session that has what the client offers. */
  readonly sessionId: string;
  /** The repository's files. */
  readonly files: RepositoryFiles;
  /** Attributes of the build that hold for all images, such as named contexts and build arguments of the command line. */
  readonly attributes: Attributes;
  /** Build arguments of the command line, which win over those of images. Default: none. */
  readonly buildArgs?: Attributes | undefined;
  /** Those that hold for single images besides, by name, such as a target. */
  readonly ownAttributes?: ReadonlyMap<string, Attributes> | undefined;
}

export type ImageGraphRound =
  | { readonly kind: "needs"; readonly lookups: readonly Lookup[] }
  | { readonly kind: "done"; readonly images: ReadonlyMap<string, CompiledDockerfile> };

/** The step function of one graph. It throws `BuildError` for whatever is wrong with a Dockerfile or a pre-image. */
export function imageGraph(request: ImageGraphRequest): (known: Known) => ImageGraphRound {
  const { plan, sources } = request;
  const trees = preImageTrees(request);
  const parsed = new Map<string, ParseResult>();
  const compiled = new Map<string, CompiledDockerfile>();
  for (const { image } of sources.values()) {
    checkNotEmpty(image);
    parsed.set(image.name, parseDockerfile(image.dockerfile, `${image.path}/Dockerfile`));
  }
  return (known) => {
    const lookups: Lookup[] = [];
    for (const step of plan.steps) {
      const { name } = step.image;
      const source = sources.get(name);
      const file = parsed.get(name);
      if (step.kind === "reuse" || compiled.has(name) || source === undefined || file === undefined) continue;
      const bases = availableBases(request, compiled, step.image);
      if (bases === undefined) continue;
      const round = compileImage(request, { source, file, bases, trees: trees.get(name) ?? [] }, known);
      if (round.kind === "needs") lookups.push(...round.lookups);
      else compiled.set(name, round);
    }
    return lookups.length > 0 ? { kind: "needs", lookups } : { kind: "done", images: compiled };
  };
}

/** The Dockerfile language's own error has no place, and so would name no file. */
function checkNotEmpty({ path, dockerfile }: Image): void {
  if (dockerfile.length > 0) return;
  const start = { line: 1, column: 1 };
  const at = [{ file: `${path}/Dockerfile`, start, end: start }];
  throw new BuildError("empty-dockerfile", "the Dockerfile cannot be empty", { at });
}

interface ImageCompilation {
  readonly source: ImageSources;
  readonly file: ParseResult;
  readonly bases: ReadonlyMap<string, RepositoryImage>;
  /** What its pre-images bring, in their order. */
  readonly trees: readonly State[];
}

function compileImage(
  { sessionId, files, solver, variant, attributes, ownAttributes, buildArgs }: ImageGraphRequest,
  { source, file, bases, trees }: ImageCompilation,
  known: Known,
): ReturnType<typeof compileDockerfile> {
  const { image, context, ignored } = source;
  const platform = platformOf(variant.architecture);
  const opts = {
    ...attributes,
    ...ownAttributes?.get(image.name),
    ...buildArgAttributes(image, variant),
    ...buildArgs,
    platform: formatPlatform(platform),
  };
  const tree = contextState(context, { image: image.name, files, ignored, preImages: trees });
  const options = {
    build: buildOptions(opts, solver, image),
    targetPlatform: platform,
    mainContext: { kind: "tree", output: tree.output },
    opts,
    sessionId,
    source: {
      filename: `${image.path}/Dockerfile`,
      language: "Dockerfile",
      data: image.dockerfile,
      origin: undefined,
    },
    supports: solver.supports,
    images: bases,
    label: image.name,
  } as const;
  return compileDockerfile(file, options, known);
}

/** Where stages are named that use no cache, an image may be named, too: it is none of its stages then that does. */
function buildOptions(opts: Attributes, solver: Solver, { name }: Image): BuildOptions {
  const build = parseBuildOptions(opts, solver);
  const whole = build.noCache !== "all" && build.noCache.some((named) => named.toLowerCase() === name.toLowerCase());
  return whole ? { ...build, noCache: "all" } : build;
}

/** The images that MZFROM may name, as far as they are settled; undefined while one that this image needs is not. */
function availableBases(
  { plan }: ImageGraphRequest,
  compiled: ReadonlyMap<string, CompiledDockerfile>,
  image: Image,
): ReadonlyMap<string, RepositoryImage> | undefined {
  const bases = new Map<string, RepositoryImage>();
  for (const { kind, image: other, spec } of plan.steps) {
    if (!image.dependencies.includes(other.name)) continue;
    const built = compiled.get(other.name);
    if (kind === "reuse") bases.set(other.name, { kind: "reference", reference: spec });
    else if (built === undefined) return undefined;
    else bases.set(other.name, { kind: "state", output: built.output, config: built.config });
  }
  return bases;
}

/** The build arguments of an image, as attributes of a request. */
export function buildArgAttributes(image: Image, variant: Variant): Attributes {
  return Object.fromEntries([...buildArgsOf(image, variant)].map(([name, value]) => [`build-arg:${name}`, value]));
}

/** For each image, what its pre-images bring, in their order. Every kind sees all of its steps at once. */
function preImageTrees(request: ImageGraphRequest): ReadonlyMap<string, readonly State[]> {
  const { files } = request;
  const byStep = new Map<object, State>();
  compileKind(request, copyKind, { files }, byStep);
  if (request.cargo !== undefined) {
    const world = { ...request.cargo, variant: request.variant, files };
    compileKind(request, cargoBuildKind, world, byStep);
  }
  return new Map(
    [...request.sources].map(([name, { context }]) => [name, context.steps.flatMap((step) => byStep.get(step) ?? [])]),
  );
}

function compileKind<Step extends BuildContext["steps"][number], World>(
  { sources }: ImageGraphRequest,
  kind: PreImageKind<Step, World>,
  world: World,
  trees: Map<object, State>,
): void {
  const isOfKind = (step: BuildContext["steps"][number]): step is Step => step.kind === kind.kind;
  const uses = [...sources.values()].flatMap(({ image, context }) =>
    context.steps
      .filter(isOfKind)
      .map((step) => ({ image: image.name, declaration: declarationOf(image), context, step })),
  );
  if (uses.length === 0) return;
  for (const [index, tree] of kind.compile(uses, world).entries()) {
    const use = uses[index];
    if (use !== undefined) trees.set(use.step, tree);
  }
}
