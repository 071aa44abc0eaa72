/**
 * The Cargo workspace at the repository's root: its members and the crates that it excludes. docs/format.md, "The workspace".
 *
 * Differences from the format's first implementation, which fails where these apply: a repository without a root
 * `Cargo.toml` has no workspace, and `members` may have wildcards.
 */
import { posix } from "node:path";
import { BuildError } from "../../llb/index.ts";
import { pathsOwnedBy, type SortedPaths, sortedPaths } from "../file-set.ts";
import type { SourceTree } from "../source-tree.ts";
import { compileWildmatch } from "../wildmatch.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { parseToml, stringOf, stringsOf, type TomlDocument, type TomlTable, tableOf } from "./toml-document.ts";

export interface Crate {
  readonly name: string;
  /** Relative to the root; "" for a crate at the root. */
  readonly directory: string;
  readonly manifest: Manifest;
}

export interface Workspace {
  readonly document: TomlDocument;
  /** By package name. */
  readonly members: ReadonlyMap<string, Crate>;
  /** By package name. They take their files away from the crates around them, and are otherwise no part of anything. */
  readonly excluded: ReadonlyMap<string, Crate>;
  /** Directories of `workspace.dependencies` with a path, by key, relative to the root. */
  readonly sharedPaths: ReadonlyMap<string, string>;
  /** Names of the custom profiles that the root manifest defines. */
  readonly profiles: readonly string[];
}

export const ROOT_MANIFEST = "Cargo.toml";
export const LOCK_FILE = "Cargo.lock";

/** Undefined without a root `Cargo.toml`. Throws `BuildError` "bad-toml", "bad-cargo-manifest", "missing-file". */
export async function readWorkspace(tree: SourceTree): Promise<Workspace | undefined> {
  const [bytes] = await tree.readFiles([ROOT_MANIFEST]);
  if (bytes === undefined) return undefined;
  const document = parseToml(ROOT_MANIFEST, bytes);
  const table = tableOf(document.table, "workspace");
  if (table === undefined) {
    throw new BuildError("bad-cargo-manifest", `${ROOT_MANIFEST} has no [workspace]`, {
      at: [document.find("package")],
      hint: "the Cargo.toml at the repository's root must be that of a workspace, with the crates in directories below",
    });
  }
  const [memberDirectories, excludedDirectories] = await Promise.all([
    memberDirectoriesOf(tree, document, table),
    excludedDirectoriesOf(tree, table),
  ]);
  const [members, excluded] = await Promise.all([
    readCrates(tree, memberDirectories, document).then(byName),
    readCrates(tree, excludedDirectories, document).then(byName),
  ]);
  return { document, members, excluded, sharedPaths: sharedPathsOf(table), profiles: profilesOf(document.table) };
}

/** The directories that take what is below them: of all crates, excluded ones too. */
export function crateDirectories({ members, excluded }: Workspace): SortedPaths {
  return sortedPaths([...new Map([...members, ...excluded]).values()].map(({ directory }) => directory));
}

/** Names the crate that a file belongs to: the innermost one around it. */
export function crateOwners({ workspace }: { readonly workspace: Workspace | undefined }) {
  const names = new Map([...(workspace?.members.values() ?? [])].map(({ directory, name }) => [directory, name]));
  return (path: string): string | undefined => {
    for (let at = posix.dirname(path); at !== "."; at = posix.dirname(at)) {
      const name = names.get(at);
      if (name !== undefined) return name;
    }
    return undefined;
  };
}

/**
 * The crate's files where `directories` are those of all crates: see docs/format.md, "Files of a crate". A crate at the root
 * has none.
 */
export function crateFiles(paths: SortedPaths, crate: Crate, directories: SortedPaths): readonly string[] {
  const composition = `${crate.directory}/mzcompose`;
  return pathsOwnedBy(paths, crate.directory, directories).filter((path) => {
    return path !== composition && path !== `${composition}.py` && !path.startsWith(`${composition}/`);
  });
}

/** Reads the crates of these directories, which `referrer` names. Throws `BuildError` "missing-file" and what manifests throw. */
export async function readCrates(
  tree: SourceTree,
  directories: readonly string[],
  referrer: TomlDocument,
): Promise<readonly Crate[]> {
  const files = directories.map((directory) => posix.join(directory, ROOT_MANIFEST));
  const contents = await tree.readFiles(files);
  return directories.map((directory, index) => {
    const file = files[index] ?? "";
    const bytes = contents[index];
    if (bytes === undefined) {
      throw new BuildError("missing-file", `${file} not found`, {
        at: [referrer.find(directory, posix.basename(directory))],
        hint: `${referrer.file} names ${directory} as a crate`,
      });
    }
    const manifest = readManifest(parseToml(file, bytes));
    return { name: manifest.name, directory, manifest };
  });
}

/** A later crate of the same name replaces an earlier one. */
function byName(crates: readonly Crate[]): ReadonlyMap<string, Crate> {
  return new Map(crates.map((crate) => [crate.name, crate]));
}

async function memberDirectoriesOf(
  tree: SourceTree,
  document: TomlDocument,
  table: TomlTable,
): Promise<readonly string[]> {
  if (!Array.isArray(table["members"])) {
    throw new BuildError("bad-cargo-manifest", `the [workspace] of ${ROOT_MANIFEST} has no members`, {
      at: [document.find("workspace")],
      hint: 'list the directories of the crates: members = ["src/app", "src/lib"]',
    });
  }
  const expanded = await Promise.all(
    stringsOf(table, "members").map((member) => expandMember(tree, normalise(member))),
  );
  return [...new Set(expanded.flat())];
}

/** A directory as it is; with wildcards, the directories with a manifest that match, sorted. */
async function expandMember(tree: SourceTree, member: string): Promise<readonly string[]> {
  if (!/[*?[]/.test(member)) return [member];
  let directories: readonly string[] = [""];
  for (const segment of member.split("/")) directories = await childrenMatching(tree, directories, segment);
  const manifests = await tree.readDirectories(directories);
  return directories.filter((_, index) => manifests[index]?.some(({ name }) => name === ROOT_MANIFEST));
}

async function childrenMatching(
  tree: SourceTree,
  parents: readonly string[],
  segment: string,
): Promise<readonly string[]> {
  if (!/[*?[]/.test(segment)) return parents.map((parent) => posix.join(parent, segment));
  const matches = compileWildmatch(segment, { pathname: true, ignoreCase: false });
  const listings = await tree.readDirectories(parents);
  return parents.flatMap((parent, index) => {
    const names = (listings[index] ?? []).filter(({ kind }) => kind === "directory").map(({ name }) => name);
    return names
      .filter((name) => matches?.(name))
      .sort()
      .map((name) => posix.join(parent, name));
  });
}

/** Only entries that end in a star count: the subdirectories with a manifest of the directory before it. */
async function excludedDirectoriesOf(tree: SourceTree, table: TomlTable): Promise<readonly string[]> {
  const parents = stringsOf(table, "exclude")
    .filter((entry) => entry.endsWith("*"))
    .map((entry) => normalise(entry.replace(/\*+$/, "")));
  const listings = await tree.readDirectories(parents);
  const children = parents.flatMap((parent, index) => {
    const names = (listings[index] ?? []).filter(({ kind }) => kind === "directory").map(({ name }) => name);
    return names.sort().map((name) => posix.join(parent, name));
  });
  const contents = await tree.readDirectories(children);
  return children.filter((_, index) =>
    contents[index]?.some(({ name, kind }) => name === ROOT_MANIFEST && kind !== "other"),
  );
}

function sharedPathsOf(table: TomlTable): ReadonlyMap<string, string> {
  const dependencies = tableOf(table, "dependencies") ?? {};
  return new Map(
    Object.keys(dependencies).flatMap((key) => {
      const path = stringOf(tableOf(dependencies, key), "path");
      return path === undefined ? [] : [[key, normalise(path)] as const];
    }),
  );
}

function profilesOf(table: TomlTable): readonly string[] {
  return Object.keys(tableOf(table, "profile") ?? {});
}

/** `./a/`, `a/` and `a` are the same; the root is "". */
function normalise(directory: string): string {
  const normalised = posix.normalize(directory).replace(/\/$/, "");
  return normalised === "." ? "" : normalised;
}
