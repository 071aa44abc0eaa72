/**
 * The images of a project's services: what those of the repository are called, and how they, and those of build sections, come into
 * Docker before Compose asks for them.
 */
import { readFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type JsonObject, neededServices, type Service } from "../../compose/index.ts";
import { isTruthy } from "../../mzbuild/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { AcquireServices } from "./acquire.ts";
import type { BuildArguments } from "./build-arguments.ts";
import { type BuildSection, buildSection } from "./build-section.ts";
import { isJsonObject } from "./json-object.ts";
import type { ComposeProject } from "./project.ts";
import { hasCoverage, type ImageWork } from "./project-context.ts";
import {
  activeServices,
  checkImages,
  checkServices,
  imagesOf,
  neededForBuilds,
  servicesOf,
} from "./select-services.ts";

/** Holds the repository once it is opened, and what is known to be in Docker. */
export class ProjectImages {
  readonly #project: ComposeProject;
  readonly #acquired = new Set<string>();
  #open: Promise<OpenRepository> | undefined;

  constructor(project: ComposeProject) {
    this.#project = project;
  }

  /** Opens the repository while the composition is loaded, where that plainly has images of it. */
  openAhead(): void {
    if (!mentionsImages(this.#project.context.place.file)) return;
    // What is wrong with the repository is told when an image of it is needed.
    this.#repository().catch(() => {});
  }

  /** What the images of these services are called, by their names in the repository. Throws `BuildError` "unknown-image". */
  async specs(services: readonly Service[]): Promise<(name: string) => string> {
    const names = imagesOf(services);
    if (names.length === 0) return () => "";
    const open = await this.#repository();
    checkImages(services, open);
    const fingerprints = await open.repository.fingerprints(names, open.variant);
    return (name) => open.specOf(name, fingerprints.get(name) ?? "");
  }

  /** Has the images of the services that the command starts in Docker; the sections that it has seen to. In CI, Compose pulls them. */
  async acquireFor(
    command: string,
    args: readonly string[],
    services: readonly Service[],
  ): Promise<readonly BuildSection[]> {
    const { context } = this.#project;
    const { place, composeOptions } = context;
    const { env } = context.terminal;
    const coverage = hasCoverage(context);
    if (isTruthy(env["CI"]) && !isTruthy(env["CI_ALLOW_LOCAL_BUILD"]) && !coverage) return [];
    const named = servicesOf(command, args);
    checkServices(named, services);
    const wanted = neededServices(activeServices(services, composeOptions, env, named), named);
    const sections = args.includes("--no-build") ? [] : await this.#sections(wanted, true);
    await this.#acquire(neededForBuilds(wanted, sections, services), sections, args.includes("--build"));
    if (coverage) await makeCoverageDirectory(place.directory);
    return sections;
  }

  /** Builds the services' build sections, and what they need, whether their images are there or not. */
  async build(asked: BuildArguments): Promise<void> {
    const all = await this.#project.services();
    checkServices(asked.services, all);
    const services = asked.services.length === 0 ? all : all.filter(({ name }) => asked.services.includes(name));
    const sections = (await this.#sections(services, false)).map((section) => ({
      ...section,
      attrs: { ...section.attrs, ...asked.attrs },
    }));
    await this.#acquire(neededForBuilds(services, sections, all), sections, true);
  }

  /** Of these services and of those whose images are contexts of their builds. */
  async #sections(services: readonly Service[], toRun: boolean): Promise<readonly BuildSection[]> {
    if (services.every(({ config }) => config["build"] === undefined || config.mzbuild !== undefined)) return [];
    const { context } = this.#project;
    const { data } = await this.#project.loaded();
    const { secrets } = data.others;
    const place = {
      project: await this.#project.projectName(),
      directory: context.place.directory,
      env: context.terminal.env,
      secrets: isJsonObject(secrets) ? secrets : {},
      toRun,
    };
    const all = await this.#project.services();
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

  async #acquire(services: readonly Service[], sections: readonly BuildSection[], rebuild: boolean): Promise<void> {
    const { terminal, options, place } = this.#project.context;
    const request: AcquireServices = {
      terminal,
      options,
      services,
      sections,
      rebuild,
      open: () => this.#repository(),
      known: this.#acquired,
      directory: place.directory,
      pull: async (names) => {
        const { exitCode } = await this.#project.invoke(["pull", "--quiet", ...names]);
        return exitCode === 0;
      },
    };
    await this.#work.acquire(request);
  }

  #repository(): Promise<OpenRepository> {
    const { terminal, root, hooks, options } = this.#project.context;
    this.#open ??= this.#work.open(terminal, root, hooks, options);
    return this.#open;
  }

  get #work(): ImageWork {
    const { images } = this.#project.context;
    if (images === undefined) throw new TypeError("this command was started without what works with images");
    return images;
  }
}

/** Services whose images are there: Compose has nothing to build. */
export function withoutBuilds(rendered: JsonObject, sections: readonly BuildSection[]): JsonObject {
  const services = rendered["services"];
  if (sections.length === 0 || !isJsonObject(services)) return rendered;
  const acquired = sections.flatMap(({ service, names: [image = ""] }) => {
    const config = services[service];
    if (!isJsonObject(config)) return [];
    const { build: _, pull_policy: __, ...rest } = config;
    return [[service, { ...rest, image }] as const];
  });
  return { ...rendered, services: { ...services, ...Object.fromEntries(acquired) } };
}

function mentionsImages(file: string): boolean {
  try {
    return readFileSync(file, "utf8").includes("mzbuild");
  } catch {
    // Whoever loads it says so.
    return false;
  }
}

async function makeCoverageDirectory(directory: string): Promise<void> {
  const coverage = join(directory, "coverage");
  await mkdir(coverage, { recursive: true });
  // Programs in containers run as whatever user they like.
  await chmod(coverage, 0o777);
}
