/**
 * Builds images as one solve: compiled in this process, which is the build's frontend, and run by the daemon. The whole
 * way of `mzimage build` and `mzimage run`.
 */
import {
  type CachePlan,
  type ExportPlan,
  type Gateway,
  openSession,
  type ProgressEvent,
  RpcError,
  type Session,
  solve,
} from "../../client/index.ts";
import {
  type CompiledPlan,
  type CompileTask,
  compilePlan,
  fromRegistry,
  type StandIns,
} from "../../frontend/gateway/index.ts";
import { BuildError, definitionToProto, formatPlatform, marshal, type Output } from "../../llb/index.ts";
import { isForeignBuildArg, type Plan, parseArchitecture, platformOf, type Variant } from "../../mzbuild/index.ts";
import type { gateway } from "../../proto/index.ts";
import { engineDocker, isDockerEngine } from "../docker/docker-command.ts";
import { importBase } from "../docker/import-base.ts";
import { type ConnectedEngine, engineHost, whileConnected } from "../engine-host.ts";
import { keepBuilt } from "../inputs/keep-built.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { BuildFlags } from "../option-values.ts";
import type { Progress } from "../progress/index.ts";
import type { Terminal } from "../terminal.ts";
import { baseImages } from "./base-images.ts";
import { type ImageResult, resultOf } from "./build-result.ts";
import { compileTask } from "./compile-plan.ts";
import type { Given } from "./given.ts";
import { buildServices, type Offered } from "./services.ts";
import { sharedKey } from "./shared-key.ts";
import { solveResponse } from "./solve-response.ts";
import { type StepClock, stepClock } from "./step-clock.ts";

export interface BuildRequest {
  readonly terminal: Terminal;
  readonly open: OpenRepository;
  readonly connected: ConnectedEngine;
  readonly flags: BuildFlags;
  readonly given: Given;
  readonly targets: readonly string[];
  /** One for each platform. */
  readonly variants: readonly Variant[];
  readonly exports: ExportPlan;
  /** Caches besides the daemon's own. */
  readonly caches?: CachePlan | undefined;
  /** Whether what Docker has of its own doesn't count as there. Default: it counts. */
  readonly registryOnly?: boolean | undefined;
  /** Whether what is in the registry is left there: it is not fetched, and not among the built images. Default: false. */
  readonly leavesReused?: boolean | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Told what will be reused and built, before anything is; may throw to prevent it. */
  readonly onPlan?: ((plan: Plan, variant: Variant) => void) | undefined;
  /** What to do with the built images while the solve lasts: run one, for instance. */
  readonly use?: (gateway: Gateway, built: readonly BuiltImage[], offered: Offered) => Promise<void>;
}

export interface BuiltImage extends ImageResult {
  /** Whether it comes from the registry as it is. */
  readonly reused: boolean;
  readonly clock: StepClock;
}

/** Throws `BuildFailed` when a step fails, `BuildError`, `ClientError` and `EngineError` for the rest. */
export async function buildImages(request: BuildRequest): Promise<Readonly<Record<string, string>>> {
  const { terminal, open, connected, progress, exports, signal } = request;
  const offered = offer(request);
  await using services = await buildServices(terminal, offered, (text) => progress.warning(text));
  await using session = await openSession(connected.client, {
    services: services.handlers,
    sharedKey: sharedKey(open.root.path),
  });
  const made: Made[] = [];
  const clock = stepClock();
  const options = {
    work: {
      kind: "function",
      attrs: {
        platform: request.variants.map(({ architecture }) => formatPlatform(platformOf(architecture))).join(","),
        // Of what is exported: the daemon makes them of the result.
        ...(exports.exporters.length > 0 ? request.given.attestations : {}),
      },
      build: (gateway: Gateway, building: AbortSignal) =>
        buildWith(request, { gateway, session, offered, signal: building, made, clock }),
    },
    session,
    exporters: exports.exporters,
    cacheImports: request.caches?.imports,
    cacheExports: request.caches?.exports,
    onProgress: (event: ProgressEvent) => {
      clock.event(event);
      progress.event(event);
    },
    signal,
  } as const;
  const result = await whileConnected(connected, () => solve(connected.client, options));
  const thrown = result.kind === "failed" ? result.failure.thrown : undefined;
  // The daemon gets to know the message alone; places and hints would be lost on the way back.
  if (thrown !== undefined && !(thrown instanceof RpcError)) throw thrown;
  const response = solveResponse(result, services, signal);
  await keepBuilt(terminal, open.repository, made, clock);
  await exports.finish(response);
  await request.caches?.finish(response);
  return response;
}

interface Building {
  readonly gateway: Gateway;
  readonly session: Session;
  readonly offered: Offered;
  readonly signal: AbortSignal;
  /** Filled with what was compiled. */
  readonly made: Made[];
  readonly clock: StepClock;
}

interface Made {
  readonly names: readonly string[];
  readonly variant: Variant;
}

async function buildWith(request: BuildRequest, building: Building): Promise<Partial<gateway.Result>> {
  const { gateway, signal } = building;
  const capabilities = await gateway.ping({ signal });
  const task = compileTask({
    open: request.open,
    targets: request.targets,
    gateway,
    capabilities,
    sessionId: building.session.id,
    offered: building.offered,
    bases: stand(request, building),
    attributes: { ...cacheNamespace(request.terminal), ...request.given.contexts.frontendAttrs },
    buildArgs: request.given.buildArgs,
    cargoBuilder: request.given.cargoBuilder,
    rebuild: rebuilt(request),
    registryOnly: request.registryOnly ?? false,
    onPlan: request.onPlan,
    signal,
    warn: (text: string) => request.progress.warning(text),
  });
  const made: Made[] = [];
  const built = await Promise.all(
    request.variants.map(async (variant) => {
      const { plan, known, images } = await compilePlan(task, variant);
      made.push({ names: [...images.keys()], variant });
      const wanted = request.targets.filter((name) => !request.leavesReused || images.has(name));
      return Promise.all(
        wanted.map(async (name): Promise<BuiltImage> => {
          const built = images.get(name);
          const compiled = built ?? (await reused(request, task, { plan, known }, { name, variant }));
          const ref = await solveOutput(request, building, compiled.output);
          return { name, variant, reused: built === undefined, ref, compiled, clock: building.clock };
        }),
      );
    }),
  );
  const images = built.flat();
  building.made.push(...made);
  await request.use?.(gateway, images, building.offered);
  const { variants, caches } = request;
  const exportsCaches = (caches?.exports.length ?? 0) > 0;
  return resultOf(images, { multiPlatform: variants.length > 1, exportsCaches });
}

/** What was built with other arguments than those of the command line is another image, wherever it is. */
function rebuilt({ open, targets, given }: BuildRequest): ReadonlySet<string> | undefined {
  const names = Object.keys(given.buildArgs).map((key) => key.replace("build-arg:", ""));
  if (!names.some(isForeignBuildArg)) return undefined;
  return new Set(open.repository.resolve(targets).map(({ name }) => name));
}

/** Keeps the caches that steps share apart from those of others, as BuildKit's own build argument does. */
function cacheNamespace({ env }: Terminal): Readonly<Record<string, string>> {
  const name = env["BUILDKIT_CACHE_MOUNT_NS"];
  return name ? { "build-arg:BUILDKIT_CACHE_MOUNT_NS": name } : {};
}

/** A target that the registry has already. */
async function reused(
  { progress, connected }: BuildRequest,
  task: CompileTask,
  { plan, known }: Pick<CompiledPlan, "plan" | "known">,
  { name, variant }: Pick<BuiltImage, "name" | "variant">,
): Promise<ImageResult["compiled"]> {
  const reference = plan.steps.find(({ image }) => image.name === name)?.spec ?? "";
  const where = isDockerEngine(connected.engine) ? "Docker or the registry" : "the registry";
  progress.note(`${name} is in ${where}: ${reference}`);
  const question = { reference, platform: platformOf(variant.architecture), label: name };
  const image = await fromRegistry(task, question, known);
  return { ...image, baseConfig: undefined, epoch: undefined };
}

async function solveOutput(
  { caches }: BuildRequest,
  { gateway, signal }: Building,
  output: Output | undefined,
): Promise<string | undefined> {
  const Definition = definitionToProto(marshal(output));
  const result = await gateway.solve({ Definition, Evaluate: true, CacheImports: caches?.imports }, { signal });
  return result.ref?.id;
}

function offer({ open, given, exports, caches }: BuildRequest): Offered {
  return {
    directories: new Map(given.contexts.directories),
    files: new Set(),
    root: open.root.path,
    layouts: new Map([...given.contexts.stores, ...exports.stores, ...(caches?.stores ?? [])]),
    secrets: given.secrets,
    sshForwards: given.sshForwards,
    exports: exports.targets,
  };
}

function stand(
  { terminal, open, connected, variants, flags, progress }: BuildRequest,
  { offered, signal }: Building,
): StandIns {
  const hostPlatform = formatPlatform(platformOf(parseArchitecture(terminal.arch)));
  const [variant, ...others] = variants;
  const docker = isDockerEngine(connected.engine) && others.length === 0 && variant !== undefined;
  const architecture = platformOf(variant?.architecture ?? parseArchitecture(terminal.arch)).architecture;
  return baseImages({
    ...(docker
      ? { importBase: (image) => importBase(engineDocker(terminal, connected.engine), image, architecture) }
      : {}),
    host: engineHost(terminal),
    bases: open.repository.settings.bases,
    platforms: [
      ...new Set([hostPlatform, ...variants.map(({ architecture }) => formatPlatform(platformOf(architecture)))]),
    ],
    install: flags.install ?? true,
    layouts: offered.layouts,
    onSetup: ({ text }) => progress.note(text),
    signal,
  });
}

/** Throws `BuildError` "several-images" where one destination can't hold what is built. */
export function checkExports(targets: readonly string[], exports: ExportPlan): void {
  if (targets.length < 2 || exports.exporters.length === 0) return;
  throw new BuildError("several-images", "--output takes one image, and several were named", {
    hint: "build them one by one, or leave --output out to build them into the engine's cache",
  });
}
