/**
 * From an image's name to its graph, inside BuildKit: which dependencies a registry has, and the rest compiled together
 * with it. The steps of `mzimage` on a client, with the context in the place of the disk.
 */
import { createHash } from "node:crypto";
import { type Gateway, type GatewayCapabilities, RpcError } from "../../client/index.ts";
import { BuildError } from "../../llb/index.ts";
import {
  builderState,
  type CargoSources,
  type CargoWorld,
  cargoFlagsOf,
  type ImageSources,
  imageGraph,
  type Lookup,
  type Naming,
  type Plan,
  parseArchitecture,
  planBuild,
  platformOf,
  type RegistryImage,
  type Repository,
  registryImage,
  SETTINGS_FILE,
  type SourceTree,
  specOf,
  type Variant,
} from "../../mzbuild/index.ts";
import {
  type Attributes,
  answerAll,
  type CompiledDockerfile,
  decodeText,
  readIgnoreFile,
} from "../dockerfile/index.ts";
import { solverOf } from "./solver.ts";
import { gatewayWorld, platformToProto } from "./world.ts";

export interface ImagesRequest {
  readonly gateway: Gateway;
  readonly capabilities: GatewayCapabilities;
  readonly tree: SourceTree;
  readonly repository: Repository;
  readonly naming: Naming;
  /** The session that has the context. */
  readonly sessionId: string;
  /** What holds for all images of the graph: named contexts, build arguments, networks. */
  readonly attributes: Attributes;
  /** A line for people, such as a look-up that failed. */
  readonly warn: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface CompiledImage {
  readonly spec: string;
  readonly compiled: CompiledDockerfile;
}

/** The image itself is always compiled. Throws `BuildError`, and `RpcError` when the daemon fails. */
export async function compileImage(request: ImagesRequest, name: string, variant: Variant): Promise<CompiledImage> {
  const plan = await planFor(request, name, variant, { rebuild: true });
  const compiled = (await compilePlan(request, plan, variant)).get(name);
  const spec = plan.steps.find(({ image }) => image.name === name)?.spec;
  if (compiled === undefined || spec === undefined) throw new TypeError(`${name} was planned, and not compiled`);
  return { spec, compiled };
}

async function compilePlan(
  request: ImagesRequest,
  plan: Plan,
  variant: Variant,
): Promise<ReadonlyMap<string, CompiledDockerfile>> {
  const { gateway, capabilities, repository, sessionId, attributes, signal } = request;
  const sources = await gatherSources(request, plan);
  const steps = [...sources.values()].flatMap(({ context }) =>
    context.steps.flatMap((step) => (step.kind === "cargo-build" ? [step.step] : [])),
  );
  const cargo =
    steps.length === 0 ? undefined : await cargoWorld(request, variant, await repository.cargoSources(steps));
  const graph = imageGraph({ plan, variant, sources, cargo, solver: solverOf(capabilities), sessionId, attributes });
  return (await answerAll(graph, gatewayWorld(gateway, signal))).images;
}

async function planFor(
  request: ImagesRequest,
  name: string,
  variant: Variant,
  { rebuild }: { readonly rebuild: boolean },
): Promise<Plan> {
  const { repository, naming } = request;
  const fingerprints = await repository.fingerprints([name], variant);
  const specs = new Map([...fingerprints].map(([image, print]) => [image, specOf(naming, image, print)]));
  const lookups = naming.registry === "" ? new Map<string, Lookup>() : await lookUp(request, specs, variant);
  const again = new Set(rebuild ? [name] : []);
  return planBuild({ images: repository.images, targets: [name], specs, lookups, rebuild: again });
}

/** Asks the registry for all published images at once. When it can't be asked, that is said once. */
async function lookUp(
  { gateway, repository, warn, signal }: ImagesRequest,
  specs: ReadonlyMap<string, string>,
  variant: Variant,
): Promise<ReadonlyMap<string, Lookup>> {
  const platform = platformToProto(platformOf(variant.architecture));
  const published = [...specs].filter(([name]) => repository.image(name).publish);
  const answers = await Promise.all(
    published.map(async ([name, spec]): Promise<readonly [string, Lookup]> => {
      try {
        const source = { identifier: `docker-image://${spec}` };
        const request = { Source: source, Platform: platform, LogName: `[${name}] look for ${spec}` };
        await gateway.resolveSourceMeta(request, { signal });
        return [name, { kind: "present" }];
      } catch (error) {
        const { code, message } = RpcError.from(error);
        const isAbsent = code === "NOT_FOUND" || / not found/.test(message);
        return [name, isAbsent ? { kind: "absent" } : { kind: "failed", message }];
      }
    }),
  );
  const failure = answers.map(([, answer]) => answer).find((answer) => answer.kind === "failed");
  if (failure?.kind === "failed") warn(`the registry can't be asked, so images are built: ${failure.message}`);
  return new Map(answers);
}

async function gatherSources(
  { repository, tree }: ImagesRequest,
  plan: Plan,
): Promise<ReadonlyMap<string, ImageSources>> {
  const entries = plan.steps
    .filter(({ kind }) => kind === "build")
    .map(async ({ image }) => {
      const context = await repository.context(image.name);
      // A file for just this Dockerfile goes before the one of the context.
      const ignoreFile =
        context.files.find(({ path }) => path === "Dockerfile.dockerignore") ??
        context.files.find(({ path }) => path === ".dockerignore");
      const [bytes] = ignoreFile === undefined ? [] : await tree.readFiles([ignoreFile.source]);
      const ignored = bytes === undefined ? [] : readIgnoreFile(decodeText(bytes));
      return [image.name, { image, context, ignored }] as const;
    });
  return new Map(await Promise.all(entries));
}

async function cargoWorld(
  request: ImagesRequest,
  variant: Variant,
  sources: CargoSources,
): Promise<Omit<CargoWorld, "files" | "variant"> | undefined> {
  const { repository, naming } = request;
  const { workspace, settings } = repository;
  if (workspace === undefined) return undefined;
  const builder = await cargoBuilder(request, variant);
  return {
    ...builder,
    repositoryId: repositoryId(naming),
    workspace,
    sources,
    flags: cargoFlagsOf(settings, variant),
    access: settings.cargoAccess,
  };
}

async function cargoBuilder(
  request: ImagesRequest,
  variant: Variant,
): Promise<Pick<CargoWorld, "builder" | "builderKey" | "buildArchitecture">> {
  const { repository } = request;
  const [worker] = solverOf(request.capabilities).platforms;
  const buildArchitecture = worker === undefined ? variant.architecture : parseArchitecture(worker.architecture);
  const platform = platformOf(buildArchitecture);
  const image = repository.builderImage;
  if (image !== undefined) {
    const builderVariant = { ...variant, architecture: buildArchitecture, coverage: false, sanitizer: "none" } as const;
    const plan = await planFor(request, image.name, builderVariant, { rebuild: false });
    const compiled = (await compilePlan(request, plan, builderVariant)).get(image.name);
    const spec = plan.steps.find((step) => step.image === image)?.spec ?? "";
    const fingerprints = await repository.fingerprints([image.name], builderVariant);
    const tree = compiled ?? (await fromRegistry(request, spec, buildArchitecture));
    const builderKey = fingerprints.get(image.name) ?? "";
    return { builder: builderState(tree, platform), builderKey, buildArchitecture };
  }
  const reference = repository.settings.builder?.value;
  if (reference === undefined) {
    const hint = `name it in ${SETTINGS_FILE} at the repository's root: builder: IMAGE, one of the repository or any other`;
    throw new BuildError("no-builder", "nothing says in which image Cargo runs", { hint });
  }
  const tree = await fromRegistry(request, reference, buildArchitecture);
  return { builder: builderState(tree, platform), builderKey: tree.key, buildArchitecture };
}

function fromRegistry(
  { gateway, signal }: ImagesRequest,
  reference: string,
  architecture: Variant["architecture"],
): Promise<RegistryImage> {
  const question = { reference, platform: platformOf(architecture), label: "cargo" };
  return answerAll((known) => registryImage(question, known), gatewayWorld(gateway, signal));
}

/** Nobody tells a frontend where the repository lies, so caches are kept apart by what its images are called. */
function repositoryId({ registry, prefix }: Naming): string {
  return `frontend-${createHash("sha256").update(`${registry}\0${prefix}`).digest("hex").slice(0, 8)}`;
}
