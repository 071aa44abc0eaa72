/**
 * One composition in use: loaded when that is needed, rendered for each command as that needs it, its images acquired, and handed to
 * docker compose. docs/format.md, "The mzcompose command".
 */
import { readFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  type CommandOptions,
  type CommandResult,
  type CompositionPlace,
  type Json,
  type JsonObject,
  type LoadedComposition,
  neededServices,
  PortError,
  type RenderOptions,
  renderComposition,
  type Service,
} from "../../compose/index.ts";
import { BuildError } from "../../llb/index.ts";
import { imageReference, isTruthy, type RepositoryRoot, type Settings } from "../../mzbuild/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { GlobalOptions } from "../option-values.ts";
import { namingFromFlags } from "../repository-root.ts";
import type { Terminal } from "../terminal.ts";
import type { AcquireServices } from "./acquire.ts";
import { buildArguments } from "./build-arguments.ts";
import { type BuildSection, buildSection } from "./build-section.ts";
import type { ComposeOptions } from "./command-line.ts";
import { composeCommand, type ImageNeed } from "./compose-commands.ts";
import type { ComposeFiles } from "./compose-files.ts";
import { checkData, readSettings } from "./composition-settings.ts";
import { type ComposeInput, runCompose } from "./docker-compose.ts";
import { type ComposeProgram, checkDockerVersions, DOCKER_COMPOSE } from "./docker-versions.ts";
import { loadComposition } from "./load.ts";
import {
  activeServices,
  checkImages,
  checkServices,
  imagesOf,
  neededForBuilds,
  servicesOf,
} from "./select-services.ts";

/** What is done with images; apart, so that commands which do nothing with them start without its code. */
export interface ImageWork {
  readonly open: (
    terminal: Terminal,
    root: RepositoryRoot,
    globals: Pick<GlobalOptions, "atEnd">,
    options: ComposeOptions,
  ) => Promise<OpenRepository>;
  /** Has the images of services in Docker. */
  readonly acquire: (request: AcquireServices) => Promise<void>;
}

export interface ProjectContext {
  readonly terminal: Terminal;
  readonly options: ComposeOptions;
  readonly composeOptions: readonly string[];
  readonly root: RepositoryRoot;
  readonly place: CompositionPlace;
  readonly hooks: Pick<GlobalOptions, "atEnd">;
  /** Undefined where the command was known to need nothing of it. */
  readonly images: ImageWork | undefined;
}

export interface InvokeOptions extends CommandOptions {
  /** Whether the command has our standard input. Default: false. */
  readonly interactive?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export class ComposeProject implements AsyncDisposable {
  readonly context: ProjectContext;
  /** Services that stand in place of the composition's own, the last set before all others. */
  readonly #overrides: (readonly Service[])[] = [];
  #loaded: Promise<LoadedComposition> | undefined;
  #files: Promise<ComposeFiles> | undefined;
  #open: Promise<OpenRepository> | undefined;
  #settings: Settings | undefined;
  #program: Promise<ComposeProgram> | undefined;
  readonly #acquired = new Set<string>();

  constructor(context: ProjectContext) {
    this.context = context;
  }

  /** The composition's name, which is that of its directory. */
  get name(): string {
    return basename(this.context.place.directory);
  }

  /** Whoever wants to run workflows says so before anybody else asks. Throws as `loadComposition`. */
  loaded(forWorkflows = false): Promise<LoadedComposition> {
    this.#loaded ??= this.#load(!forWorkflows);
    return this.#loaded;
  }

  /** The services as they are now. Throws as {@link loaded}. */
  async services(): Promise<readonly Service[]> {
    const { data } = await this.loaded();
    const services = new Map(data.services.map((service) => [service.name, service]));
    for (const override of this.#overrides) for (const service of override) services.set(service.name, service);
    return [...services.values()];
  }

  pushOverride(services: readonly Service[]): void {
    this.#overrides.push(services);
  }

  popOverride(): void {
    this.#overrides.pop();
  }

  /**
   * Runs a command of Compose, after whatever it needs. Throws `BuildError` for what is wrong with the repository or the composition,
   * `ComposeError` for Docker, and what a build throws; the command's own failure is a result.
   */
  async invoke(args: readonly string[], options: InvokeOptions = {}): Promise<CommandResult> {
    const { terminal } = this.context;
    const [command = "", ...rest] = args;
    const need = composeCommand(command)?.need ?? "none";
    const [input, program] = await Promise.all([this.#input(need, command, rest), this.composeProgram()]);
    return runCompose(terminal, { ...options, program, input, args });
  }

  /** What Compose calls the project. Throws as {@link loaded}. */
  async projectName(): Promise<string> {
    const { data } = await this.loaded();
    return this.#projectName(data.others);
  }

  /** What runs Compose. Throws `ComposeError` "docker-missing", "docker-too-old". */
  composeProgram(): Promise<ComposeProgram> {
    const { terminal, options } = this.context;
    this.#program ??= options.ignoreDockerVersion ? Promise.resolve(DOCKER_COMPOSE) : checkDockerVersions(terminal);
    return this.#program;
  }

  async #input(need: ImageNeed, command: string, args: readonly string[]): Promise<ComposeInput> {
    const { place } = this.context;
    if (place.form === "compose" && need === "none" && this.#overrides.length === 0) return this.#filesInput();
    if (need !== "none") this.#openAhead();
    const services = await this.services();
    const options = await this.#renderOptions(need, services);
    let rendered: JsonObject;
    try {
      const { data } = await this.loaded();
      rendered = renderComposition({ ...data, services }, options);
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      throw new BuildError("bad-composition", error.message, { hint: error.hint, cause: error });
    }
    if (need === "acquire") {
      for (const section of await this.#acquire(command, args, services)) rendered = withoutBuild(rendered, section);
    }
    return {
      files: [{ text: `${JSON.stringify(rendered, undefined, 2)}\n` }],
      projectDirectory: place.directory,
      projectName: this.#projectName(rendered),
      composeOptions: this.context.composeOptions,
    };
  }

  /** Compose files as they are, apart from what is ours in them: to commands that run nothing, images don't matter. */
  async #filesInput(): Promise<ComposeInput> {
    const { options, composeOptions } = this.context;
    const [files, naming] = await Promise.all([this.#composeFiles(), this.#naming()]);
    return {
      ...(await files.withImages((name) => imageReference(naming, name))),
      projectName: options.projectName,
      composeOptions,
    };
  }

  #projectName(elements: JsonObject): string {
    const { options, place } = this.context;
    if (options.projectName !== undefined) return options.projectName;
    const own = elements["name"];
    if (place.form === "compose" && typeof own === "string") return own;
    return projectName(this.name);
  }

  #composeFiles(): Promise<ComposeFiles> {
    this.#files ??= import("./compose-files.ts").then(({ openComposeFiles }) =>
      openComposeFiles(this.context, () => this.composeProgram()),
    );
    return this.#files;
  }

  async #load(dataOnly: boolean): Promise<LoadedComposition> {
    const { terminal, place } = this.context;
    const { env, signal } = terminal;
    if (place.form === "compose") return (await this.#composeFiles()).load();
    const loaded = await loadComposition({ ...place, form: place.form }, { env, signal, dataOnly });
    try {
      checkData(loaded, this.#repositorySettings(), place);
      return loaded;
    } catch (error) {
      await loaded[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #renderOptions(need: ImageNeed, services: readonly Service[]): Promise<RenderOptions> {
    const { terminal, options, place } = this.context;
    const { uid, gid, env } = terminal;
    const guarded = place.form !== "compose";
    return {
      user: uid === undefined ? undefined : `${uid}:${gid ?? uid}`,
      ports: { style: guarded ? "guarded" : "as-written", preserve: options.preservePorts ?? false },
      unconfined: guarded,
      hostNetwork: options.hostNetwork ?? false,
      coverage: hasCoverage(options, env),
      defaultVolumes: guarded ? this.#repositorySettings().compose.volumes : {},
      imageOf: need === "none" ? await this.#untagged() : await this.#specs(services),
    };
  }

  async #untagged(): Promise<(name: string) => string> {
    const naming = await this.#naming();
    return (name) => imageReference(naming, name);
  }

  async #specs(services: readonly Service[]): Promise<(name: string) => string> {
    const names = imagesOf(services);
    if (names.length === 0) return () => "";
    const open = await this.#repository();
    checkImages(services, open);
    const fingerprints = await open.repository.fingerprints(names, open.variant);
    return (name) => open.specOf(name, fingerprints.get(name) ?? "");
  }

  async #naming() {
    return namingFromFlags(this.context.terminal, this.context.options, this.#repositorySettings());
  }

  #repository(): Promise<OpenRepository> {
    const { terminal, root, hooks, options } = this.context;
    this.#open ??= this.#images.open(terminal, root, hooks, options);
    return this.#open;
  }

  /** While the composition is loaded, where it plainly has images of the repository. */
  #openAhead(): void {
    const { place } = this.context;
    if (!mentionsImages(place.file)) return;
    // What is wrong with the repository is told when an image of it is needed.
    this.#repository().catch(() => {});
  }

  get #images(): ImageWork {
    const { images } = this.context;
    if (images === undefined) throw new TypeError("this command was started without what works with images");
    return images;
  }

  #repositorySettings(): Settings {
    this.#settings ??= readSettings(this.context.root.path);
    return this.#settings;
  }

  /**
   * Builds the services' `build` sections, and what they need. False where an argument is one that only Compose's own `build` knows.
   * Throws as {@link invoke}.
   */
  async build(args: readonly string[]): Promise<boolean> {
    const asked = buildArguments(args);
    if (asked === undefined) return false;
    await this.composeProgram();
    const all = await this.services();
    checkServices(asked.services, all);
    const services = asked.services.length === 0 ? all : all.filter(({ name }) => asked.services.includes(name));
    const sections = (await this.#sections(services, false)).map((section) => ({
      ...section,
      attrs: { ...section.attrs, ...asked.attrs },
    }));
    await this.#images.acquire({
      ...this.#acquireRequest(neededForBuilds(services, sections, all)),
      sections,
      rebuild: true,
    });
    return true;
  }

  /** Of these services and of those whose images are contexts of their builds. */
  async #sections(services: readonly Service[], toRun: boolean): Promise<readonly BuildSection[]> {
    if (services.every(({ config }) => config["build"] === undefined || config.mzbuild !== undefined)) return [];
    const { data } = await this.loaded();
    const { secrets } = data.others;
    const place = {
      project: await this.projectName(),
      directory: this.context.place.directory,
      env: this.context.terminal.env,
      secrets: isObject(secrets) ? secrets : {},
      toRun,
    };
    const all = await this.services();
    const found = new Map<string, BuildSection>();
    const visit = (service: Service): void => {
      const section = found.has(service.name) ? undefined : buildSection(service, place);
      if (section === undefined) return;
      found.set(service.name, section);
      for (const need of section.needs) for (const other of all) if (other.name === need.service) visit(other);
    };
    for (const service of services) visit(service);
    return [...found.values()];
  }

  #acquireRequest(services: readonly Service[]): Omit<AcquireServices, "sections" | "rebuild"> {
    const { terminal, options, place } = this.context;
    return {
      terminal,
      options,
      services,
      open: () => this.#repository(),
      known: this.#acquired,
      directory: place.directory,
      pull: async (names) => {
        const { exitCode } = await this.invoke(["pull", "--quiet", ...names]);
        return exitCode === 0;
      },
    };
  }

  /** Has the images of the services that the command starts in Docker; the sections that it has seen to. In CI, Compose pulls them. */
  async #acquire(
    command: string,
    args: readonly string[],
    services: readonly Service[],
  ): Promise<readonly BuildSection[]> {
    const { terminal, options, place, composeOptions } = this.context;
    const { env } = terminal;
    const coverage = hasCoverage(options, env);
    if (isTruthy(env["CI"]) && !isTruthy(env["CI_ALLOW_LOCAL_BUILD"]) && !coverage) return [];
    const named = servicesOf(command, args);
    checkServices(named, services);
    const wanted = neededServices(activeServices(services, composeOptions, env, named), named);
    const sections = args.includes("--no-build") ? [] : await this.#sections(wanted, true);
    const needed = neededForBuilds(wanted, sections, services);
    await this.#images.acquire({ ...this.#acquireRequest(needed), sections, rebuild: args.includes("--build") });
    if (coverage) await makeCoverageDirectory(place.directory);
    return sections;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // One that could not be loaded has been told of.
    const loaded = await this.#loaded?.catch(() => undefined);
    await loaded?.[Symbol.asyncDispose]();
    const files = await this.#files?.catch(() => undefined);
    await files?.[Symbol.asyncDispose]();
  }
}

/** What Compose accepts of a name (docs.docker.com/compose/how-tos/project-name). */
export function projectName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}

function mentionsImages(file: string): boolean {
  try {
    return readFileSync(file, "utf8").includes("mzbuild");
  } catch {
    // Whoever loads it says so.
    return false;
  }
}

function hasCoverage({ coverage }: ComposeOptions, env: Terminal["env"]): boolean {
  return coverage === true || isTruthy(env["CI_COVERAGE_ENABLED"]);
}

/** A service whose image is there: Compose has nothing to build. */
function withoutBuild(rendered: JsonObject, { service, names: [image = ""] }: BuildSection): JsonObject {
  const services = rendered["services"];
  if (!isObject(services)) return rendered;
  const config = services[service];
  if (!isObject(config)) return rendered;
  const { build: _, pull_policy: __, ...rest } = config;
  return { ...rendered, services: { ...services, [service]: { ...rest, image } } };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function makeCoverageDirectory(directory: string): Promise<void> {
  const coverage = join(directory, "coverage");
  await mkdir(coverage, { recursive: true });
  // Programs in containers run as whatever user they like.
  await chmod(coverage, 0o777);
}
