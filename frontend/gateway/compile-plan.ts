/**
 * From images by name to a graph: which of them a registry has, what the others are made from, and all of it compiled.
 * Everything that has to be asked is asked of the daemon; where the repository lies is the caller's matter.
 */
import type { GatewayCapabilities } from "../../client/index.ts";
import { BuildError, type Platform } from "../../llb/index.ts";
import {
  builderState,
  type CargoSources,
  type CargoWorld,
  cargoFlagsOf,
  type ImageSources,
  imageGraph,
  imageSources,
  type Plan,
  parseArchitecture,
  platformOf,
  type RegistryImage,
  type RegistryImageQuestion,
  type RepositoryFiles,
  registryImage,
  repositoryId,
  SETTINGS_FILE,
  type Variant,
} from "../../mzbuild/index.ts";
import { type Attributes, answerAll, type CompiledDockerfile, type Known } from "../dockerfile/index.ts";
import { type PlanTargets, type PlanTask, planImages } from "./plan-images.ts";
import { solverOf } from "./solver.ts";
import { answerWithStandIns, type StandIns } from "./stand-ins.ts";
import { gatewayWorld } from "./world.ts";

/** The variable, or build argument, that names a builder where the settings don't. */
export const CARGO_BUILDER = "MZ_CARGO_BUILDER";

export interface CompileTask extends PlanTask, PlanTargets {
  readonly capabilities: GatewayCapabilities;
  /** The session that has what the client offers. */
  readonly sessionId: string;
  /** The repository's files. */
  readonly files: RepositoryFiles;
  /** What holds for all images of the graph: named contexts, build arguments, networks. */
  readonly attributes: Attributes;
  /** Build arguments of the command line, which win over those of images. */
  readonly buildArgs?: Attributes | undefined;
  /** Those that hold for single images besides, by name: a target, labels. */
  readonly ownAttributes?: ReadonlyMap<string, Attributes> | undefined;
  /**
   * Where the settings name no builder of Cargo's programs: an image reference. It is no part of any fingerprint, as with the
   * original, which compiles in whatever image it is started in.
   */
  readonly cargoBuilder?: string | undefined;
  /** For images that can't be reached. */
  readonly standIns: StandIns;
  /** Told what will be reused and built, before anything is compiled; may throw. Not told of what only the builder needs. */
  readonly onPlan?: ((plan: Plan, variant: Variant) => void) | undefined;
  /** Told which files of the repository the daemon may ask for. */
  readonly onFiles?: ((paths: readonly string[]) => void) | undefined;
}

export interface CompiledPlan {
  readonly plan: Plan;
  /** What the look-ups for the plan have told of the images that it reuses. */
  readonly known: Known;
  /** Those that the plan builds, by name. */
  readonly images: ReadonlyMap<string, CompiledDockerfile>;
}

/** Throws `BuildError` for what is wrong with the repository or its Dockerfiles, `RpcError` when the daemon fails. */
export async function compilePlan(task: CompileTask, variant: Variant): Promise<CompiledPlan> {
  const { repository, capabilities, sessionId, files, ownAttributes, buildArgs } = task;
  const { plan, known } = await planImages(task, task, variant);
  task.onPlan?.(plan, variant);
  const sources = await imageSources(repository, plan.steps);
  const cargoSources = await gatherCargoSources(task, sources);
  const cargo = cargoSources === undefined ? undefined : await cargoWorld(task, variant, { sources, cargoSources });
  task.onFiles?.(filesOf(sources, cargoSources));
  const solver = solverOf(capabilities);
  const { images } = await answerWithStandIns({ ...task, known }, (attributes) =>
    imageGraph({ plan, variant, sources, cargo, solver, sessionId, files, attributes, ownAttributes, buildArgs }),
  );
  return { plan, known, images };
}

/** An image that needs no building. Throws `BuildError` "image-not-found". */
export function fromRegistry(
  { gateway, signal }: Pick<CompileTask, "gateway" | "signal">,
  question: RegistryImageQuestion,
  known?: Known,
): Promise<RegistryImage> {
  return answerAll((answers) => registryImage(question, answers), gatewayWorld(gateway, signal), known);
}

/** What Cargo needs for all programs of these images together; undefined if they need none. */
async function gatherCargoSources(
  { repository }: CompileTask,
  sources: ReadonlyMap<string, ImageSources>,
): Promise<CargoSources | undefined> {
  const steps = [...sources.values()].flatMap(({ context }) =>
    context.steps.flatMap((step) => (step.kind === "cargo-build" ? [step.step] : [])),
  );
  return steps.length === 0 ? undefined : repository.cargoSources(steps);
}

function filesOf(sources: ReadonlyMap<string, ImageSources>, cargo: CargoSources | undefined): readonly string[] {
  const own = [...sources.values()].flatMap(({ context }) => [
    ...context.files.map(({ source }) => source),
    ...context.steps.flatMap((step) =>
      step.kind === "copy" ? step.files.flatMap(({ source, behind = [] }) => [source, ...behind]) : [],
    ),
  ]);
  return cargo === undefined ? own : [...own, ...cargo.files, ...cargo.manifests, ...cargo.configuration];
}

interface Gathered {
  readonly sources: ReadonlyMap<string, ImageSources>;
  readonly cargoSources: CargoSources;
}

async function cargoWorld(
  task: CompileTask,
  variant: Variant,
  { sources, cargoSources }: Gathered,
): Promise<Omit<CargoWorld, "files" | "variant"> | undefined> {
  const { repository } = task;
  const { workspace, settings } = repository;
  const builder = await compileBuilder(task, variant, sources);
  if (workspace === undefined) return undefined;
  return {
    ...builder,
    repositoryId: cacheNamespace(task) + repositoryId(repository),
    workspace,
    sources: cargoSources,
    flags: cargoFlagsOf(settings, variant),
    access: settings.cargoAccess,
  };
}

function cacheNamespace({ attributes, buildArgs }: CompileTask): string {
  const key = "build-arg:BUILDKIT_CACHE_MOUNT_NS";
  return buildArgs?.[key] ?? attributes[key] ?? "";
}

async function compileBuilder(
  task: CompileTask,
  variant: Variant,
  sources: ReadonlyMap<string, ImageSources>,
): Promise<Pick<CargoWorld, "builder" | "builderKey" | "buildArchitecture">> {
  const { repository, capabilities } = task;
  const [worker] = solverOf(capabilities).platforms;
  const buildArchitecture = worker === undefined ? variant.architecture : parseArchitecture(worker.architecture);
  const platform = platformOf(buildArchitecture);
  const image = repository.builderImage;
  if (image !== undefined) {
    const builderVariant = { ...variant, architecture: buildArchitecture, coverage: false, sanitizer: "none" } as const;
    const builderTask = { ...task, targets: [image.name], rebuild: undefined, onPlan: undefined };
    const { images, plan, known } = await compilePlan(builderTask, builderVariant);
    const fingerprints = await repository.fingerprints([image.name], builderVariant);
    const compiled = images.get(image.name);
    const builderKey = fingerprints.get(image.name) ?? "";
    if (compiled !== undefined) return { builder: builderState(compiled, platform), builderKey, buildArchitecture };
    const spec = plan.steps.find((step) => step.image === image)?.spec ?? "";
    return { ...(await builderOf(task, spec, platform, known)), builderKey, buildArchitecture };
  }
  const reference = repository.settings.builder?.value ?? task.cargoBuilder;
  if (reference === undefined) throw noBuilder(sources);
  return { ...(await builderOf(task, reference, platform)), buildArchitecture };
}

async function builderOf(
  task: CompileTask,
  reference: string,
  platform: Platform,
  known?: Known,
): Promise<Pick<CargoWorld, "builder" | "builderKey">> {
  const at = task.repository.settings.builder?.at;
  const image = await fromRegistry(task, { reference, platform, label: "cargo", at }, known);
  return { builder: builderState(image, platform), builderKey: image.key };
}

function noBuilder(sources: ReadonlyMap<string, ImageSources>): BuildError {
  const steps = [...sources.values()].flatMap(({ image }) =>
    image.preImages.filter(({ kind }) => kind === "cargo-build"),
  );
  return new BuildError("no-builder", "nothing says in which image Cargo runs", {
    at: steps.slice(0, 1).map(({ at }) => at),
    hint: `name it in ${SETTINGS_FILE} at the repository's root (builder: IMAGE, one of the repository or any other), or, leaving fingerprints as they are, with ${CARGO_BUILDER}`,
  });
}
