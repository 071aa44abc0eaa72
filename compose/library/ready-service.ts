/** What ready services have in common: each is a function of options, all with defaults. */
import type { JsonObject, Service, ServiceConfig } from "../model.ts";

export interface ReadyOptions {
  /** The service's name. */
  readonly name?: string;
  /** In place of the image that the service has by itself. */
  readonly image?: string;
  /** An image of the repository, in place of any other. */
  readonly mzbuild?: string;
  /** Variables besides those that the service has by itself, or instead of them. */
  readonly environment?: { readonly [name: string]: string };
  /** Mounts besides those that the service has by itself. */
  readonly volumes?: readonly string[];
  readonly ports?: readonly (string | number)[];
  /** Whatever else Compose knows; goes before all of the above. */
  readonly config?: ServiceConfig;
}

export interface Defaults {
  readonly name: string;
  readonly image: string;
  readonly environment?: { readonly [name: string]: string };
  readonly volumes?: readonly string[];
  readonly ports?: readonly (string | number)[];
  /** A command by which the container finds out whether it is ready. */
  readonly test?: string;
  readonly config?: ServiceConfig;
}

export function readyService(defaults: Defaults, options: ReadyOptions): Service {
  const environment = { ...defaults.environment, ...options.environment };
  const volumes = [...(defaults.volumes ?? []), ...(options.volumes ?? [])];
  const config: ServiceConfig = {
    ...(options.mzbuild === undefined ? { image: options.image ?? defaults.image } : { mzbuild: options.mzbuild }),
    ports: options.ports ?? defaults.ports ?? [],
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    ...(volumes.length === 0 ? {} : { volumes }),
    ...(defaults.test === undefined ? {} : { healthcheck: healthcheck(defaults.test) }),
    ...defaults.config,
    ...options.config,
  };
  return { name: options.name ?? defaults.name, config };
}

/** Asked every second, so that what depends on it starts soon; a minute until it counts as failed. */
function healthcheck(test: string): JsonObject {
  return { test: ["CMD-SHELL", test], interval: "1s", timeout: "5s", retries: 60, start_period: "30s" };
}
