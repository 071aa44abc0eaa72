/**
 * One composition in use: loaded when that is needed, rendered for each command as that needs it, its images acquired, and handed to
 * docker compose. docs/format.md, "The mzcompose command".
 */
import { basename } from "node:path";
import {
  type CommandOptions,
  type CommandResult,
  type JsonObject,
  type LoadedComposition,
  PortError,
  type RenderOptions,
  renderComposition,
  type Service,
} from "../../compose/index.ts";
import { BuildError } from "../../llb/index.ts";
import { imageReference, type Settings } from "../../mzbuild/index.ts";
import { namingFromFlags } from "../repository-root.ts";
import { buildArguments } from "./build-arguments.ts";
import { composeCommand, type ImageNeed } from "./compose-commands.ts";
import type { ComposeFiles } from "./compose-files.ts";
import { checkData, readSettings } from "./composition-settings.ts";
import { type ComposeInput, runCompose } from "./docker-compose.ts";
import { type ComposeProgram, checkDockerVersions, DOCKER_COMPOSE } from "./docker-versions.ts";
import { loadComposition } from "./load.ts";
import { hasCoverage, type ProjectContext } from "./project-context.ts";
import { ProjectImages, withoutBuilds } from "./project-images.ts";

export interface InvokeOptions extends CommandOptions {
  /** Whether the command has our standard input. Default: false. */
  readonly interactive?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** What was loaded and asked stays for the commands that follow, as workflows run many; closing it ends programs of compositions. */
export class ComposeProject implements AsyncDisposable {
  readonly context: ProjectContext;
  readonly #images = new ProjectImages(this);
  /** Services that stand in place of the composition's own, the last set before all others. */
  readonly #overrides: (readonly Service[])[] = [];
  #loaded: Promise<LoadedComposition> | undefined;
  #files: Promise<ComposeFiles> | undefined;
  #settings: Settings | undefined;
  #program: Promise<ComposeProgram> | undefined;

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

  /**
   * Builds the services' `build` sections, and what they need. False where an argument is one that only Compose's own `build` knows.
   * Throws as {@link invoke}.
   */
  async build(args: readonly string[]): Promise<boolean> {
    const asked = buildArguments(args);
    if (asked === undefined) return false;
    await this.composeProgram();
    await this.#images.build(asked);
    return true;
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
    if (need !== "none") this.#images.openAhead();
    const services = await this.services();
    const whole = await this.#rendered(services, await this.#renderOptions(need, services));
    const acquired = need === "acquire" ? await this.#images.acquireFor(command, args, services) : [];
    const rendered = withoutBuilds(whole, acquired);
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
    const untagged = this.#untagged();
    const files = await this.#composeFiles();
    return {
      ...(await files.withImages(untagged)),
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

  async #rendered(services: readonly Service[], options: RenderOptions): Promise<JsonObject> {
    const { data } = await this.loaded();
    try {
      return renderComposition({ ...data, services }, options);
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      throw new BuildError("bad-composition", error.message, { hint: error.hint, cause: error });
    }
  }

  async #renderOptions(need: ImageNeed, services: readonly Service[]): Promise<RenderOptions> {
    const { terminal, options, place } = this.context;
    const { uid, gid } = terminal;
    const guarded = place.form !== "compose";
    return {
      user: uid === undefined ? undefined : `${uid}:${gid ?? uid}`,
      ports: { style: guarded ? "guarded" : "as-written", preserve: options.preservePorts ?? false },
      unconfined: guarded,
      hostNetwork: options.hostNetwork ?? false,
      coverage: hasCoverage(this.context),
      defaultVolumes: guarded ? this.#repositorySettings().compose.volumes : {},
      imageOf: need === "none" ? this.#untagged() : await this.#images.specs(services),
    };
  }

  /** Of images that don't matter: their names, without the tags that take hashing. */
  #untagged(): (name: string) => string {
    const { terminal, options } = this.context;
    const naming = namingFromFlags(terminal, options, this.#repositorySettings());
    return (name) => imageReference(naming, name);
  }

  #repositorySettings(): Settings {
    this.#settings ??= readSettings(this.context.root.path);
    return this.#settings;
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
