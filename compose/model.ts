/**
 * A composition as data: what every form of it (`mzcompose.ts`, `mzcompose.py`, Compose files) becomes before anything else is
 * done with it. All of it is JSON. docs/mzcompose.md; docs/format.md, "The mzcompose command".
 */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * A service as Compose knows it, with keys of our own that are gone when Compose gets it. What isn't named here is Compose's
 * (https://docs.docker.com/reference/compose-file/services/) and is handed on as it is.
 */
export interface ServiceConfig {
  /** The image of this repository that the service runs, by name; in place of `image`. */
  readonly mzbuild?: string;
  /** In place of what the image's own mzbuild.yml says. null is as if it were not there. */
  readonly publish?: boolean | null;
  /** Runs as the user who runs mzcompose. */
  readonly propagate_uid_gid?: boolean;
  /** Lets `ports` name ports of the host, which are the same for everybody and may be taken. */
  readonly allow_host_ports?: boolean;
  readonly image?: string;
  readonly ports?: readonly Json[];
  readonly environment?: readonly string[] | JsonObject;
  readonly volumes?: readonly Json[];
  readonly command?: string | readonly string[];
  readonly depends_on?: readonly string[] | JsonObject;
  readonly networks?: readonly string[] | JsonObject;
  readonly healthcheck?: JsonObject;
  readonly [key: string]: Json | undefined;
}

/** A service and its name. */
export interface Service {
  readonly name: string;
  readonly config: ServiceConfig;
}

/** A program of the composition that `mzcompose run NAME` runs. */
export interface Workflow {
  /** With `-` between words: `run-twice`. */
  readonly name: string;
  /** Its documentation, without indentation; undefined if there is none. */
  readonly description: string | undefined;
}

export interface CompositionData {
  /** In the order of their declaration, each name once. */
  readonly services: readonly Service[];
  /** Compose's `volumes`, without those that are there by default. */
  readonly volumes: JsonObject;
  readonly networks: JsonObject;
  /** Further top-level elements of a Compose file: `secrets`, `configs`, `x-…`. */
  readonly others: JsonObject;
  readonly workflows: readonly Workflow[];
  /** What the composition is for, several paragraphs perhaps; undefined if it doesn't say. */
  readonly description: string | undefined;
}
