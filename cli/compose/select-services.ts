/** Which services a command is about, and which images they run. Pure. */
import type { Service } from "../../compose/index.ts";
import { BuildError } from "../../llb/index.ts";
import { didYouMean } from "../../mzbuild/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { Terminal } from "../terminal.ts";
import type { BuildSection } from "./build-section.ts";
import { firstPositional, namedServices } from "./compose-commands.ts";
import { ComposeError } from "./compose-error.ts";

export function imagesOf(services: readonly Service[]): readonly string[] {
  return [...new Set(services.flatMap(({ config }) => config.mzbuild ?? []))];
}

export function checkImages(services: readonly Service[], { repository }: OpenRepository): void {
  for (const { name, config } of services) {
    const { mzbuild } = config;
    if (mzbuild === undefined || repository.images.has(mzbuild)) continue;
    const near = didYouMean(mzbuild, repository.images.keys());
    throw new BuildError("unknown-image", `unknown image ${mzbuild}`, {
      hint: `service ${name} runs it; ${near ?? "mzimage list prints all names"}`,
    });
  }
}

/** As {@link checkImages}, of images that are contexts of builds. */
export function checkContexts(sections: readonly BuildSection[], { repository }: OpenRepository): void {
  for (const { service, images } of sections) {
    const unknown = images.find(({ image }) => !repository.images.has(image));
    if (unknown === undefined) continue;
    const near = didYouMean(unknown.image, repository.images.keys());
    throw new BuildError("unknown-image", `unknown image ${unknown.image}`, {
      hint: `the build of service ${service} has it as context ${unknown.context}; ${near ?? "mzimage list prints all names"}`,
    });
  }
}

/** Of `run`, `up` and the like; of `cp` the service that is copied from or to. */
export function servicesOf(command: string, args: readonly string[]): readonly string[] {
  if (command === "run") {
    const at = firstPositional(command, args);
    return at === -1 ? [] : [args[at] ?? ""];
  }
  if (command === "cp") return args.flatMap((arg) => /^([^-/.][^:/]*):/.exec(arg)?.[1] ?? []).slice(0, 1);
  return namedServices(command, args);
}

export function checkServices(named: readonly string[], services: readonly Service[]): void {
  const names = services.map(({ name }) => name);
  const unknown = named.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new ComposeError("unknown-service", `no such service: ${unknown}`, {
    hint: didYouMean(unknown, names) ?? `the services are ${names.toSorted().join(", ")}`,
  });
}

/** Services without a profile, those of the profiles that are asked for, and those that are named. */
export function activeServices(
  services: readonly Service[],
  composeOptions: readonly string[],
  env: Terminal["env"],
  named: readonly string[],
): readonly Service[] {
  const given = composeOptions.flatMap((option, index) => {
    if (option.startsWith("--profile=")) return [option.slice("--profile=".length)];
    return option === "--profile" ? [composeOptions[index + 1] ?? ""] : [];
  });
  const profiles = new Set([...given, ...(env["COMPOSE_PROFILES"] ?? "").split(",")]);
  return services.filter(({ name, config }) => {
    const own = config["profiles"];
    if (!Array.isArray(own) || own.length === 0 || named.includes(name) || profiles.has("*")) return true;
    return own.some((profile) => profiles.has(String(profile)));
  });
}

/** Those, and the ones whose images are contexts of their builds. */
export function neededForBuilds(
  wanted: readonly Service[],
  sections: readonly BuildSection[],
  all: readonly Service[],
): readonly Service[] {
  const contexts = sections.flatMap(({ needs }) => needs.map(({ service }) => service));
  return all.filter((service) => wanted.includes(service) || contexts.includes(service.name));
}
