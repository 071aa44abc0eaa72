/**
 * The repository's settings: what is particular to a project and no part of the format. They are in a file of our own at the
 * repository's root, which marks the root. The file is no input of any image; what it says of Cargo enters the fingerprints of
 * images with Cargo programs, since it changes them. docs/settings.md.
 */
import type { Located } from "../image.ts";
import type { Architecture, Profile, Sanitizer, Variant } from "../variant.ts";
import type { PlainValue } from "../yaml/plain-value.ts";

/** At the root of the repository. Never mistaken for an image, whose file is called `mzbuild.yml`. */
export const SETTINGS_FILE = "mzbuild-settings.yml";

export interface Settings {
  /** Registry and path that images are named under. */
  readonly registry: string | undefined;
  /** Put before the name of each image. */
  readonly imagePrefix: string | undefined;
  /** The profile where neither options nor the environment name one. */
  readonly profile: Profile | undefined;
  /** What Cargo runs in: the name of an image of this repository, else a reference to an image. */
  readonly builder: Located<string> | undefined;
  /** How to make base images where no registry has them, by the reference that Dockerfiles use. */
  readonly bases: ReadonlyMap<string, BaseImage>;
  /** Undefined where the file says nothing that changes what Cargo makes. */
  readonly cargo: CargoSettings | undefined;
  /** Where `mzimage publish` publishes to, and as what. */
  readonly publish: PublishSettings;
  /** What Cargo may reach while it runs. It changes nothing about what comes out, so no fingerprint knows of it. */
  readonly cargoAccess: CargoAccess;
  readonly compose: ComposeSettings;
}

export interface PublishSettings {
  /** Registries and paths; empty for the one that images are named under. */
  readonly registries: readonly string[];
  /** The crate whose version commits of the main branch are tagged with. */
  readonly versionCrate: string | undefined;
}

/** What all compositions of the repository have in common. */
export interface ComposeSettings {
  /** Volumes that are there without being declared: Compose's `volumes`, as JSON. */
  readonly volumes: Readonly<Record<string, PlainValue>>;
}

/**
 * The volumes of compositions in a repository that has no settings file: those of the repository that the format comes from.
 * docs/format.md, "Compositions".
 */
export const MATERIALIZE_VOLUMES: Readonly<Record<string, PlainValue>> = {
  mzdata: null,
  pgdata: null,
  mysqldata: null,
  mssqldata: null,
  mydata: null,
  tmp: null,
  secrets: null,
  scratch: null,
  sourcedata_512Mb: { driver_opts: { device: "tmpfs", o: "size=512m", type: "tmpfs" } },
};

export interface CargoAccess {
  /** Variables of the fetch, by name, with the ids of the secrets that they are taken from. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Id of the ssh agent for git dependencies. */
  readonly ssh: string | undefined;
  /** Undefined to compile without sccache. */
  readonly sccache: SccacheSettings | undefined;
}

/** Variables of sccache's own, which say where its cache is. */
export interface SccacheSettings {
  readonly env: ReadonlyMap<string, string>;
  /** Ids of secrets by the names of variables. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** A base image made of Debian packages. */
export interface BaseImage {
  readonly at: Located<string>["at"];
  /** Debian's name of the release, "trixie". */
  readonly debootstrap: string;
  /** Packages besides the minimal ones. */
  readonly include: readonly string[];
  /** The archive; undefined for Debian's own. */
  readonly mirror: string | undefined;
}

export interface CargoSettings {
  /** Pathspecs of files that all Cargo builds depend on, evaluated at the root. */
  readonly inputs: readonly Located<string>[];
  readonly always: CargoFlags;
  readonly target: ReadonlyMap<Architecture, CargoFlags>;
  readonly coverage: CargoFlags;
  readonly sanitizer: ReadonlyMap<Sanitizer, CargoFlags>;
}

export interface CargoFlags {
  readonly rustflags: readonly string[];
  readonly env: ReadonlyMap<string, string>;
}

const NO_FLAGS: CargoFlags = { rustflags: [], env: new Map() };

export const NO_ACCESS: CargoAccess = { secrets: new Map(), ssh: undefined, sccache: undefined };

/** What a repository without a settings file has. */
export const NO_SETTINGS: Settings = {
  registry: undefined,
  imagePrefix: undefined,
  profile: undefined,
  builder: undefined,
  bases: new Map(),
  publish: { registries: [], versionCrate: undefined },
  cargo: undefined,
  cargoAccess: NO_ACCESS,
  compose: { volumes: MATERIALIZE_VOLUMES },
};

/** The flags of one variant: those for all, for the target, for coverage and for the sanitizer, in this order. */
export function cargoFlagsOf(settings: Settings, variant: Variant): CargoFlags {
  const { cargo } = settings;
  if (cargo === undefined) return NO_FLAGS;
  const parts = [
    cargo.always,
    cargo.target.get(variant.architecture) ?? NO_FLAGS,
    variant.coverage ? cargo.coverage : NO_FLAGS,
    cargo.sanitizer.get(variant.sanitizer) ?? NO_FLAGS,
  ];
  return {
    rustflags: parts.flatMap(({ rustflags }) => rustflags),
    env: new Map(parts.flatMap(({ env }) => [...env])),
  };
}

/**
 * Whether the repository says how its Cargo builds are made. Then their inputs are complete: crates that only Cargo follows,
 * toolchain and Cargo configuration files, the builder. Without, they are those of the format, byte for byte.
 */
export function hasCompleteCargoInputs({ builder, cargo }: Settings): boolean {
  return builder !== undefined || cargo !== undefined;
}

/** What the settings add to the fingerprint of a Cargo step; undefined where they say nothing. */
export function cargoFingerprintText(
  settings: Settings,
  variant: Variant,
  builderIsImage: boolean,
): string | undefined {
  const { rustflags, env } = cargoFlagsOf(settings, variant);
  const builder = builderIsImage ? undefined : settings.builder?.value;
  if (rustflags.length === 0 && env.size === 0 && builder === undefined) return undefined;
  const sorted = [...env].sort(([a], [b]) => (a < b ? -1 : 1));
  return `;settings=${JSON.stringify({ builder, rustflags, env: sorted })}`;
}
