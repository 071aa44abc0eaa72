/** Names of images in a registry. docs/format.md, "Names and tags". */
import type { Fingerprint } from "./fingerprint.ts";
import { type Environment, isTruthy } from "./variant.ts";

export interface Naming {
  /** Registry and path, without a trailing slash; empty for images that are in no registry. */
  readonly registry: string;
  /** Put before each name as it is. */
  readonly prefix: string;
}

/** What options and the repository's settings say. */
export interface NamingOptions {
  readonly registry?: string | undefined;
  readonly prefix?: string | undefined;
}

/** Options first, then settings, then what the format has for repositories that say nothing, which `MZ_GHCR` decides. */
export function namingOf(options: NamingOptions, settings: NamingOptions, env: Environment): Naming {
  return {
    registry: options.registry ?? settings.registry ?? defaultRegistry(env),
    prefix: options.prefix ?? settings.prefix ?? "",
  };
}

function defaultRegistry(env: Environment): string {
  const ghcr = env["MZ_GHCR"];
  return ghcr === undefined || isTruthy(ghcr) ? "ghcr.io/materializeinc/materialize" : "materialize";
}

/** The image's name in the registry, without a tag. */
export function imageReference({ registry, prefix }: Naming, name: string): string {
  return registry === "" ? `${prefix}${name}` : `${registry}/${prefix}${name}`;
}

/** `REGISTRY/PREFIX NAME:mzbuild-FINGERPRINT`, without blanks. */
export function specOf(naming: Naming, name: string, fingerprint: Fingerprint): string {
  return `${imageReference(naming, name)}:mzbuild-${fingerprint}`;
}
