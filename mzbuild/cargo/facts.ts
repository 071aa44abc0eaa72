/**
 * What has to be known of a Cargo workspace before its programs' inputs can be told, and these inputs.
 * docs/format.md, "Inputs".
 */
import { pathsBelow, type SortedPaths, sortedPaths } from "../file-set.ts";
import type { CargoBuildPreImage } from "../image.ts";
import { compilePathspec } from "../pathspec.ts";
import { hasCompleteCargoInputs, type Settings } from "../settings/settings.ts";
import type { SourceTree } from "../source-tree.ts";
import { type CratesByDirectory, cargoClosure, crateClosure, readReachableCrates } from "./closure.ts";
import { crateOfTarget, indexTargets, type TargetIndex } from "./targets.ts";
import { type Crate, crateDirectories, crateFiles, type Workspace } from "./workspace.ts";

export interface CargoFacts {
  readonly workspace: Workspace;
  readonly bins: TargetIndex;
  readonly examples: TargetIndex;
  /** Inputs of all `cargo-build` steps, besides the root's manifest and lock file. */
  readonly shared: readonly string[];
  /** Those of them that the settings' `cargo.inputs` names, which Cargo is given, too. */
  readonly configured: readonly string[];
  /** What Cargo can be led to. Undefined where inputs are those of the format, which follows less than Cargo does. */
  readonly reachable: CratesByDirectory | undefined;
}

/** Everything that lies in this directory belongs to the image with the compilers. */
const BUILDER_DIRECTORY = "ci/builder";
/** Counts wherever it is on disk, ignored or not. */
const CARGO_CONFIG = ".cargo/config";
/** What else changes a build; only counts where the repository's settings speak of Cargo. */
const MORE_CARGO_FILES = [".cargo/config.toml", "rust-toolchain", "rust-toolchain.toml"];

/** `builderInputs` are the inputs of the image that is the builder, if it is one of the repository. */
export async function readCargoFacts(
  tree: SourceTree,
  workspace: Workspace,
  { settings, builderInputs }: { readonly settings: Settings; readonly builderInputs: readonly string[] },
): Promise<CargoFacts> {
  const { paths } = await tree.listFiles();
  const complete = hasCompleteCargoInputs(settings);
  const [bins, examples, rootFiles, reachable] = await Promise.all([
    indexTargets(tree, workspace, "bin"),
    indexTargets(tree, workspace, "example"),
    existing(tree, complete ? [CARGO_CONFIG, ...MORE_CARGO_FILES] : [CARGO_CONFIG]),
    complete ? readReachableCrates(tree, workspace) : undefined,
  ]);
  const pathspecs = (settings.cargo?.inputs ?? []).map(({ value }) => compilePathspec(value));
  const configured = pathspecs.length === 0 ? [] : paths.filter((path) => pathspecs.some((matches) => matches(path)));
  const shared = [...pathsBelow(paths, BUILDER_DIRECTORY), ...rootFiles, ...builderInputs, ...configured];
  return { workspace, bins, examples, shared, configured, reachable };
}

/** The crates that have the step's programs. Throws `BuildError` "unknown-target" and "ambiguous-target". */
export function programCrates(
  facts: Pick<CargoFacts, "bins" | "examples">,
  step: CargoBuildPreImage,
): readonly { readonly crate: Crate; readonly withDev: boolean }[] {
  return [
    ...step.bins.map((bin) => ({ crate: crateOfTarget(facts.bins, "bin", bin), withDev: false })),
    ...step.examples.map((example) => ({ crate: crateOfTarget(facts.examples, "example", example), withDev: true })),
  ];
}

/** The files of all crates in the closure of the step's programs. */
export function programFiles(paths: SortedPaths, facts: CargoFacts, step: CargoBuildPreImage): readonly string[] {
  const { workspace, reachable } = facts;
  const crates = programCrates(facts, step).flatMap(({ crate, withDev }) => [
    ...crateClosure(workspace, crate, { withDev }),
    ...(reachable === undefined ? [] : cargoClosure(workspace, reachable, crate, { withDev })),
  ]);
  const directories = reachable === undefined ? crateDirectories(workspace) : sortedPaths(reachable.keys());
  return [...new Set(crates)].flatMap((crate) => crateFiles(paths, crate, directories));
}

async function existing(tree: SourceTree, paths: readonly string[]): Promise<readonly string[]> {
  const contents = await tree.readFiles(paths);
  return paths.filter((_, index) => contents[index] !== undefined);
}
