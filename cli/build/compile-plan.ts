/**
 * From images by name to a graph: which of them a registry has, what the others are made from, and all of it compiled.
 * Everything that has to be asked is asked of the daemon.
 */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { filesUnder, type Gateway, type GatewayCapabilities, listedTree, RpcError } from "../../client/index.ts";
import {
  type Attributes,
  answerAll,
  type CompiledDockerfile,
  type ImageLookup,
  type World,
} from "../../frontend/dockerfile/index.ts";
import { gatewayWorld, platformToProto, solverOf } from "../../frontend/gateway/index.ts";
import { BuildError, type Platform } from "../../llb/index.ts";
import {
  builderState,
  type CargoWorld,
  cargoFlagsOf,
  type Image,
  type ImageSources,
  imageGraph,
  type Lookup,
  type Plan,
  parseArchitecture,
  planBuild,
  platformOf,
  REPOSITORY_SOURCE,
  type RegistryImage,
  type RegistryImageQuestion,
  registryImage,
  SETTINGS_FILE,
  type Variant,
} from "../../mzbuild/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { BaseImages } from "./base-images.ts";
import { gatherCargoSources, gatherSources } from "./gather-sources.ts";
import type { Offered } from "./services.ts";

export interface CompileTask {
  readonly open: OpenRepository;
  readonly targets: readonly string[];
  readonly gateway: Gateway;
  readonly capabilities: GatewayCapabilities;
  readonly sessionId: string;
  readonly offered: Offered;
  readonly bases: BaseImages;
  /** Attributes of the command line: named contexts. */
  readonly attributes: Attributes;
  /** Whether what Docker has of its own doesn't count as there. */
  readonly registryOnly: boolean;
  /** Told what will be reused and built, before anything is compiled; may throw. Not told of what only the builder needs. */
  readonly onPlan?: ((plan: Plan, variant: Variant) => void) | undefined;
  readonly signal: AbortSignal;
  /** A line for people, such as a look-up that failed. */
  readonly warn: (text: string) => void;
}

/** What became of one image: named in a registry, or in the graph. */
export interface CompiledPlan {
  readonly plan: Plan;
  readonly images: ReadonlyMap<string, CompiledDockerfile>;
}

/** Throws `BuildError` for what is wrong with the repository or its Dockerfiles, `RpcError` when the daemon fails. */
export async function compilePlan(task: CompileTask, variant: Variant): Promise<CompiledPlan> {
  const { open, offered } = task;
  const plan = await planFor(task, task.targets, variant);
  task.onPlan?.(plan, variant);
  const sources = await gatherSources(open.repository, open.root.path, plan.steps);
  const cargoSources = await gatherCargoSources(open.repository, sources);
  const builder = cargoSources === undefined ? undefined : await compileBuilder(task, variant, sources);
  const cargo =
    builder === undefined || cargoSources === undefined || open.repository.workspace === undefined
      ? undefined
      : {
          ...builder,
          repositoryId: repositoryId(open.root.path),
          workspace: open.repository.workspace,
          sources: cargoSources,
          flags: cargoFlagsOf(open.repository.settings, variant),
          access: open.repository.settings.cargoAccess,
        };
  const needed = [...sources.values()].flatMap(({ context }) => [
    ...context.files.map(({ source }) => source),
    ...context.steps.flatMap((step) => (step.kind === "copy" ? step.files.map(({ source }) => source) : [])),
  ]);
  const crates =
    cargoSources === undefined ? [] : [...cargoSources.files, ...cargoSources.manifests, ...cargoSources.configuration];
  offer(offered, open.root.path, [...needed, ...crates]);
  const graph = (attributes: Attributes) =>
    imageGraph({
      plan,
      variant,
      sources,
      cargo,
      solver: solverOf(task.capabilities),
      sessionId: task.sessionId,
      attributes,
    });
  return { plan, images: (await withBases(task, graph)).images };
}

/** The files that the daemon may ask for, together with those of graphs compiled before. */
function offer(offered: Offered, root: string, paths: readonly string[]): void {
  for (const path of paths) offered.files.add(path);
  offered.directories.set(REPOSITORY_SOURCE, listedTree(filesUnder(root, [...offered.files])));
}

/** Compiles; where an image can't be reached and has a stand-in, with that one in its place. */
async function withBases<T extends { readonly kind: string }>(
  { gateway, signal, bases, attributes }: CompileTask,
  stepFor: (attributes: Attributes) => Parameters<typeof answerAll<T>>[0],
): ReturnType<typeof answerAll<T>> {
  for (;;) {
    let standsIn = false;
    const daemon = gatewayWorld(gateway, signal);
    const world: World = {
      ...daemon,
      image: async (lookup: ImageLookup) => {
        try {
          return await daemon.image(lookup);
        } catch (error) {
          if (lookup.layout === undefined && (await bases.standIn(lookup.reference, error))) standsIn = true;
          throw error;
        }
      },
    };
    try {
      return await answerAll<T>(stepFor({ ...attributes, ...Object.fromEntries(bases.contexts) }), world);
    } catch (error) {
      // The failure was that of the image which now has a stand-in.
      if (!standsIn) throw bases.advise(error);
    }
  }
}

type LookUpTask = Pick<CompileTask, "gateway" | "signal" | "warn" | "registryOnly">;

/** What will be reused and built. Throws `BuildError` for what is wrong with the repository. */
export async function planFor(
  task: LookUpTask & Pick<CompileTask, "open">,
  targets: readonly string[],
  variant: Variant,
): Promise<Plan> {
  const { repository, specOf } = task.open;
  const fingerprints = await repository.fingerprints(targets, variant);
  const specs = new Map([...fingerprints].map(([name, fingerprint]) => [name, specOf(name, fingerprint)]));
  const images = repository.resolve(targets);
  const lookups =
    task.open.naming.registry === "" ? new Map() : await lookUp(task, images, specs, platformOf(variant.architecture));
  return planBuild({ images: repository.images, targets, specs, lookups });
}

/** Asks the registry for all images at once. When it can't be asked, that is said once. */
async function lookUp(
  { gateway, signal, warn, registryOnly }: LookUpTask,
  images: readonly Image[],
  specs: ReadonlyMap<string, string>,
  platform: Platform,
): Promise<ReadonlyMap<string, Lookup>> {
  const published = images.filter(({ publish }) => publish);
  const answers = await Promise.all(
    published.map(async ({ name }): Promise<readonly [string, Lookup]> => {
      const spec = specs.get(name) ?? "";
      try {
        // Docker looks among its own images first, other daemons have none.
        const attrs = registryOnly ? { "image.resolvemode": "pull" } : {};
        const Source = { identifier: `docker-image://${spec}`, attrs };
        // With the config, which is small: asked for less, the daemon asks no registry (moby/buildkit v0.33.0:
        // source/containerimage/source.go, ResolveImageMetadata).
        const request = { Source, Platform: platformToProto(platform), LogName: `[${name}] look for ${spec}` };
        await gateway.resolveSourceMeta(request, { signal });
        return [name, { kind: "present" }];
      } catch (error) {
        signal.throwIfAborted();
        const { code, message } = RpcError.from(error);
        const absent = code === "NOT_FOUND" || / not found/.test(message);
        return [name, absent ? { kind: "absent" } : { kind: "failed", message }];
      }
    }),
  );
  const failure = answers.map(([, answer]) => answer).find((answer) => answer.kind === "failed");
  if (failure?.kind === "failed") warn(`the registry can't be asked, so images are built: ${failure.message}`);
  return new Map(answers);
}

async function compileBuilder(
  task: CompileTask,
  variant: Variant,
  sources: ReadonlyMap<string, ImageSources>,
): Promise<Pick<CargoWorld, "builder" | "builderKey" | "buildArchitecture">> {
  const { repository } = task.open;
  const worker = task.capabilities.workers[0]?.platforms[0];
  const buildArchitecture = worker === undefined ? variant.architecture : parseArchitecture(worker.Architecture);
  const platform = platformOf(buildArchitecture);
  const image = repository.builderImage;
  if (image !== undefined) {
    const builderVariant = { ...variant, architecture: buildArchitecture, coverage: false, sanitizer: "none" } as const;
    const { images, plan } = await compilePlan({ ...task, targets: [image.name], onPlan: undefined }, builderVariant);
    const fingerprints = await repository.fingerprints([image.name], builderVariant);
    const compiled = images.get(image.name);
    const builderKey = fingerprints.get(image.name) ?? "";
    if (compiled !== undefined) return { builder: builderState(compiled, platform), builderKey, buildArchitecture };
    const spec = plan.steps.find((step) => step.image === image)?.spec ?? "";
    return { ...(await builderOf(task, spec, platform)), builderKey, buildArchitecture };
  }
  const reference = repository.settings.builder?.value;
  if (reference === undefined) throw noBuilder(sources);
  return { ...(await builderOf(task, reference, platform)), buildArchitecture };
}

function noBuilder(sources: ReadonlyMap<string, ImageSources>): BuildError {
  const steps = [...sources.values()].flatMap(({ image }) =>
    image.preImages.filter(({ kind }) => kind === "cargo-build"),
  );
  return new BuildError("no-builder", "nothing says in which image Cargo runs", {
    at: steps.slice(0, 1).map(({ at }) => at),
    hint: `name it in ${SETTINGS_FILE} at the repository's root: builder: IMAGE, one of the repository or any other`,
  });
}

async function builderOf(
  task: CompileTask,
  reference: string,
  platform: Platform,
): Promise<Pick<CargoWorld, "builder" | "builderKey">> {
  const at = task.open.repository.settings.builder?.at;
  const image = await fromRegistry(task, { reference, platform, label: "cargo", at });
  return { builder: builderState(image, platform), builderKey: image.key };
}

/** An image that needs no building. Throws `BuildError` "image-not-found". */
export function fromRegistry(
  { gateway, signal }: Pick<CompileTask, "gateway" | "signal">,
  question: RegistryImageQuestion,
): Promise<RegistryImage> {
  return answerAll((known) => registryImage(question, known), gatewayWorld(gateway, signal));
}

/** Caches of different repositories are kept apart; checkouts at the same place share theirs. */
function repositoryId(root: string): string {
  return `${basename(root)}-${createHash("sha256").update(join(root, "/")).digest("hex").slice(0, 8)}`;
}
