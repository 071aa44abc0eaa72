/**
 * Which crate has a binary or an example. docs/format.md, "Targets". Found ones and declared ones are added up without
 * removing repetitions, as the format has it. Files are looked for on disk, ignored or not.
 */
import { posix } from "node:path";
import { BuildError } from "../../llb/index.ts";
import type { Located } from "../image.ts";
import { didYouMean } from "../nearest-names.ts";
import type { DirectoryEntry, SourceTree } from "../source-tree.ts";
import type { Crate, Workspace } from "./workspace.ts";

export type TargetKind = "bin" | "example";

/** The crates of each target's name, a crate as often as it has the target. */
export type TargetIndex = ReadonlyMap<string, readonly Crate[]>;

/** Looks through all members; excluded crates have no targets. */
export async function indexTargets(tree: SourceTree, workspace: Workspace, kind: TargetKind): Promise<TargetIndex> {
  const crates = [...workspace.members.values()];
  const discovered = await discoverTargets(tree, crates, kind);
  const index = new Map<string, Crate[]>();
  for (const [position, crate] of crates.entries()) {
    const names = [...crate.manifest[kind === "bin" ? "bins" : "examples"].names, ...(discovered[position] ?? [])];
    for (const name of names) {
      const owners = index.get(name);
      if (owners === undefined) index.set(name, [crate]);
      else owners.push(crate);
    }
  }
  return index;
}

/** The one crate that has the target. Throws `BuildError` "unknown-target" and "ambiguous-target" at the name's place. */
export function crateOfTarget(index: TargetIndex, kind: TargetKind, { value: name, at }: Located<string>): Crate {
  const owners = index.get(name) ?? [];
  const [owner, other] = owners;
  if (owner === undefined) {
    const hint = didYouMean(name, index.keys()) ?? `cargo would look for it in the members of the root Cargo.toml`;
    throw new BuildError("unknown-target", `${kind} ${name} does not exist in cargo workspace`, { at: [at], hint });
  }
  if (other !== undefined) {
    const [one, two] = [owner, other].map(({ name: crate, manifest }) => `${crate} (${manifest.document.file})`);
    const hint =
      owner === other
        ? `${one} declares it and has it in the usual place, too: set auto${kind}s = false in [package]`
        : `it is in ${one} and in ${two}: rename one`;
    const places = [...new Set([owner, other])].map(({ manifest }) => manifest.document.find(name));
    throw new BuildError("ambiguous-target", `${kind} ${name} appears more than once in cargo workspace`, {
      at: [at, ...places],
      hint,
    });
  }
  return owner;
}

/** Per crate, the targets that files in the usual places make. */
async function discoverTargets(
  tree: SourceTree,
  crates: readonly Crate[],
  kind: TargetKind,
): Promise<readonly (readonly string[])[]> {
  const directories = crates.map(({ directory }) => posix.join(directory, kind === "bin" ? "src/bin" : "examples"));
  const [sources, listings] = await Promise.all([
    tree.readDirectories(crates.map(({ directory }) => posix.join(directory, "src"))),
    tree.readDirectories(directories),
  ]);
  const candidates = directories.flatMap((parent, crate) =>
    (listings[crate] ?? []).filter(isDirectory).map(({ name }) => ({ crate, name, path: posix.join(parent, name) })),
  );
  const contents = await tree.readDirectories(candidates.map(({ path }) => path));
  const withMain = candidates.filter((_, index) => hasMain(contents[index]));
  return crates.map(({ name, manifest }, crate) => {
    if (!manifest[kind === "bin" ? "bins" : "examples"].discover) return [];
    const files = (listings[crate] ?? []).filter((entry) => entry.name.endsWith(".rs"));
    return [
      ...(kind === "bin" && hasMain(sources[crate]) ? [name] : []),
      ...files.map((entry) => stem(entry.name)),
      ...withMain.filter((found) => found.crate === crate).map((found) => stem(found.name)),
    ];
  });
}

function isDirectory({ kind }: DirectoryEntry): boolean {
  return kind === "directory";
}

function hasMain(entries: readonly DirectoryEntry[] | undefined): boolean {
  return entries?.some(({ name }) => name === "main.rs") ?? false;
}

/** Without the last extension, as Python's `Path.stem`: a leading or a trailing dot begins none. */
function stem(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot > 0 && dot < name.length - 1 ? name.slice(0, dot) : name;
}
