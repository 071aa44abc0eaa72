/**
 * What Cargo has to be given to build programs of the workspace: sources of what it compiles, manifests of all that it looks at.
 */
import { posix } from "node:path";
import { sortedByCodePoint } from "../code-point-order.ts";
import { pathsBelow, type SortedPaths, sortedPaths } from "../file-set.ts";
import type { CargoBuildPreImage } from "../image.ts";
import { type CratesByDirectory, cargoClosure } from "./closure.ts";
import { type CargoFacts, programCrates } from "./facts.ts";
import { type LockedPackage, ownPackages } from "./lock-file.ts";
import { type Crate, crateFiles, LOCK_FILE, ROOT_MANIFEST } from "./workspace.ts";

export interface CargoSources {
  /** Every file of the crates that are compiled, manifests included, and those that the settings name; sorted by code point. */
  readonly files: readonly string[];
  /** `Cargo.toml` of every crate that Cargo loads, compiled or not, the root's first. */
  readonly manifests: readonly string[];
  /** The lock file and what configures Cargo and the toolchain: those of the usual names that the file set has. */
  readonly configuration: readonly string[];
  /** The lock file's packages that are crates of directories, by name; undefined where that can't be told. */
  readonly locked: ReadonlyMap<string, LockedPackage> | undefined;
  /** The crates that are compiled, the rest of what Cargo loads, each sorted by directory. */
  readonly compiled: readonly Crate[];
  readonly loaded: readonly Crate[];
  /** Names of the packages that have the programs, each once. */
  readonly packages: readonly string[];
}

export interface CargoSourcesQuestion {
  readonly steps: readonly CargoBuildPreImage[];
  readonly reachable: CratesByDirectory;
  /** The bytes of `Cargo.lock`, if it is there. */
  readonly lockFile: Uint8Array | undefined;
}

/** The sources for all programs of these steps together. Throws as {@link programCrates}. */
export function cargoSources(
  paths: SortedPaths,
  facts: CargoFacts,
  { steps, reachable, lockFile }: CargoSourcesQuestion,
): CargoSources {
  const programs = steps.flatMap((step) => programCrates(facts, step));
  const compiled = new Set(
    programs.flatMap(({ crate, withDev }) => cargoClosure(facts.workspace, reachable, crate, { withDev })),
  );
  const directories = sortedPaths(reachable.keys());
  const crates = [...reachable.values()].sort((a, b) => (a.directory < b.directory ? -1 : 1));
  const members = crates.filter((crate) => !isExcluded(facts, crate) || compiled.has(crate));
  return {
    files: sortedByCodePoint(
      new Set([...facts.configured, ...[...compiled].flatMap((crate) => crateFiles(paths, crate, directories))]),
    ),
    manifests: [...new Set([ROOT_MANIFEST, ...members.map(({ directory }) => posix.join(directory, ROOT_MANIFEST))])],
    configuration: configurationFiles(paths),
    locked: lockFile === undefined ? undefined : ownPackages(lockFile),
    compiled: members.filter((crate) => compiled.has(crate)),
    loaded: members.filter((crate) => !compiled.has(crate)),
    packages: [...new Set(programs.map(({ crate }) => crate.name))],
  };
}

function isExcluded({ workspace }: CargoFacts, crate: Crate): boolean {
  return workspace.excluded.get(crate.name) === crate;
}

function configurationFiles(paths: SortedPaths): readonly string[] {
  const names = new Set([LOCK_FILE, "rust-toolchain", "rust-toolchain.toml"]);
  return [...pathsBelow(paths, ".cargo"), ...paths.filter((path) => names.has(path))];
}
