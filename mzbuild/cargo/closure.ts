/**
 * Which crates a program is made of: as the format sees it, for fingerprints, and as Cargo sees it, for the build.
 * docs/format.md, "The closure".
 */
import { posix } from "node:path";
import { BuildError } from "../../llb/index.ts";
import { didYouMean } from "../nearest-names.ts";
import type { SourceTree } from "../source-tree.ts";
import type { DependencyKind, PathDependency } from "./manifest.ts";
import { type Crate, readCrates, type Workspace } from "./workspace.ts";

/**
 * The crate and what its path dependencies and build dependencies lead to; of an example, also what its own dev-dependencies
 * lead to. Throws `BuildError` "unknown-crate" where a name is that of no member.
 */
export function crateClosure(
  workspace: Workspace,
  root: Crate,
  options: { readonly withDev: boolean },
): readonly Crate[] {
  const closure = new Set([root]);
  for (const crate of closure) {
    const kinds = crate === root && options.withDev ? [...FOLLOWED, "dev-dependencies" as const] : FOLLOWED;
    for (const kind of kinds) {
      for (const name of crate.manifest.dependencies[kind]) closure.add(memberNamed(workspace, crate, name));
    }
  }
  return [...closure];
}

const FOLLOWED = ["dependencies", "build-dependencies"] as const satisfies readonly DependencyKind[];

/** The crates that Cargo can be led to, by directory: members, excluded crates, and others that a path names. */
export type CratesByDirectory = ReadonlyMap<string, Crate>;

/**
 * Follows every path dependency of every kind and platform, from all members. Throws `BuildError` "missing-file" for one that
 * leads to no crate, "bad-toml" and "bad-cargo-manifest".
 */
export async function readReachableCrates(tree: SourceTree, workspace: Workspace): Promise<CratesByDirectory> {
  const known = [...workspace.excluded.values(), ...workspace.members.values()];
  const crates = new Map(known.map((crate) => [crate.directory, crate]));
  for (let layer = [...workspace.members.values()]; layer.length > 0; ) {
    const next: Crate[] = [];
    for (const crate of layer) {
      const targets = crate.manifest.pathDependencies.flatMap(
        (dependency) => targetOf(workspace, crate, dependency) ?? [],
      );
      const unknown = targets.filter((directory) => !crates.has(directory));
      next.push(...(await readCrates(tree, unknown, crate.manifest.document)));
      for (const found of next) crates.set(found.directory, found);
    }
    layer = next;
  }
  return crates;
}

/**
 * The crates that Cargo compiles for a target of `root`, or may: as {@link crateClosure}, with inherited dependencies, those of
 * any platform, and those on crates that are no members.
 */
export function cargoClosure(
  workspace: Workspace,
  crates: CratesByDirectory,
  root: Crate,
  options: { readonly withDev: boolean },
): readonly Crate[] {
  const closure = new Set([root]);
  for (const crate of closure) {
    for (const dependency of crate.manifest.pathDependencies) {
      if (dependency.kind === "dev-dependencies" && !(crate === root && options.withDev)) continue;
      const target = crates.get(targetOf(workspace, crate, dependency) ?? OUTSIDE);
      if (target !== undefined) closure.add(target);
    }
  }
  return [...closure];
}

/** No directory has this name. */
const OUTSIDE = "..";

/** Undefined for a path out of the repository, which nobody but Cargo can judge. */
function targetOf(workspace: Workspace, crate: Crate, dependency: PathDependency): string | undefined {
  const directory = dependencyDirectory(workspace, crate, dependency);
  return directory === undefined || isOutside(directory) ? undefined : directory;
}

/** Where a path dependency leads, relative to the root or absolute. Undefined for an inherited one that isn't by path. */
export function dependencyDirectory(
  workspace: Workspace,
  { directory }: Crate,
  dependency: PathDependency,
): string | undefined {
  if (dependency.from === "workspace") return workspace.sharedPaths.get(dependency.key);
  const { path } = dependency;
  const target = posix.isAbsolute(path) ? path : posix.join(directory, path).replace(/\/$/, "");
  return target === "." ? "" : target;
}

/** Whether a directory is none of the repository's. */
export function isOutside(directory: string): boolean {
  return directory.split("/")[0] === OUTSIDE || posix.isAbsolute(directory);
}

function memberNamed(workspace: Workspace, dependent: Crate, name: string): Crate {
  const member = workspace.members.get(name);
  if (member !== undefined) return member;
  const { document } = dependent.manifest;
  const hint = workspace.excluded.has(name)
    ? `${name} is excluded from the workspace: make it a member, or do not depend on it by path`
    : (didYouMean(name, workspace.members.keys()) ?? `list its directory in the members of ${workspace.document.file}`);
  throw new BuildError(
    "unknown-crate",
    `${dependent.name} depends on crate ${name}, which is no member of the workspace`,
    {
      at: [document.find(name)],
      hint,
    },
  );
}
