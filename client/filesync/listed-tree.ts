/**
 * A SyncTree of exactly the entries it is given: files of a disk named one by one, without a walk over the directories
 * they lie in, and files, directories and symlinks that exist only in memory. Parent directories need not be listed.
 */
import { ClientError } from "../client-error.ts";
import { isCleanPath } from "./clean-path.ts";
import { compareNames } from "./compare-paths.ts";
import { readPath, statPath } from "./directory-tree.ts";
import { toFsPath } from "./path-bytes.ts";
import type { SyncChild, SyncContent, SyncEntry, SyncTree } from "./sync-tree.ts";

/** `path` is where the entry appears in the tree; `mtimeNs` defaults to 0 (1970). */
export type ListedEntry =
  /** Whatever lies at `from`, an absolute path, with its mode and time; its content if it is a file, not if it is a directory. */
  | { readonly kind: "disk"; readonly path: string; readonly from: string }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly content: Uint8Array;
      readonly permissions: number;
      readonly mtimeNs?: bigint;
    }
  | { readonly kind: "directory"; readonly path: string; readonly permissions: number; readonly mtimeNs?: bigint }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string; readonly mtimeNs?: bigint };

const IMPLIED_DIRECTORY_PERMISSIONS = 0o755;

/** Entries for `paths` (relative to the directory `root`, in any order), each shown under the same path. */
export function filesUnder(root: string, paths: readonly string[]): ListedEntry[] {
  return paths.map((path) => ({ kind: "disk", path, from: `${root}/${path}` }));
}

/** As {@link filesUnder}, and the directories that they lie in, with the mode and time that these have on the disk. */
export function filesAndDirectoriesUnder(root: string, paths: readonly string[]): ListedEntry[] {
  const all = new Set(paths);
  for (const path of paths) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) all.add(path.slice(0, end));
  }
  return filesUnder(root, [...all]);
}

/**
 * Directories that are only implied get mode 0755 and time 0, whatever they look like on the disk: the tree then
 * depends on nothing but the list. Throws `ClientError` "unsafe-path" for a path that is not relative and clean,
 * "bad-option" for two entries of one path or an entry below one that is no directory; reading throws "missing-input"
 * where a listed file does not exist, for a list is a promise.
 */
export function listedTree(entries: readonly ListedEntry[]): SyncTree {
  const listed = new Map<string, ListedEntry>();
  const children = new Map<string, Map<string, boolean>>([["", new Map()]]);
  for (const entry of entries) {
    assertClean(entry.path);
    if (listed.has(entry.path))
      throw new ClientError("bad-option", `the path ${JSON.stringify(entry.path)} is listed twice`);
    listed.set(entry.path, entry);
    addToParents(children, entry);
  }
  for (const path of children.keys()) assertDirectory(path, listed.get(path));
  const sorted = new Map<string, readonly SyncChild[]>();
  return {
    list: (directory) => {
      let result = sorted.get(directory);
      if (result === undefined) {
        result = toChildren(children.get(directory));
        sorted.set(directory, result);
      }
      return result;
    },
    stat: (path) => statListed(path, listed.get(path), children.has(path)),
    read: (path, sizeBytes) => readListed(listed.get(path), sizeBytes),
  };
}

function addToParents(children: Map<string, Map<string, boolean>>, entry: ListedEntry): void {
  if (entry.kind === "directory" && !children.has(entry.path)) children.set(entry.path, new Map());
  let path = entry.path;
  let isDirectory = entry.kind === "directory";
  for (;;) {
    const slash = path.lastIndexOf("/");
    const parent = slash === -1 ? "" : path.slice(0, slash);
    const name = path.slice(slash + 1);
    const siblings = children.get(parent);
    if (siblings !== undefined) {
      siblings.set(name, isDirectory || siblings.get(name) === true);
      return;
    }
    children.set(parent, new Map([[name, isDirectory]]));
    path = parent;
    isDirectory = true;
  }
}

function toChildren(names: ReadonlyMap<string, boolean> | undefined): readonly SyncChild[] {
  if (names === undefined) return [];
  return [...names].map(([name, isDirectory]) => ({ name, isDirectory })).sort((a, b) => compareNames(a.name, b.name));
}

function statListed(path: string, entry: ListedEntry | undefined, hasChildren: boolean): SyncEntry | undefined {
  if (entry === undefined) {
    return hasChildren ? { kind: "directory", permissions: IMPLIED_DIRECTORY_PERMISSIONS, mtimeNs: 0n } : undefined;
  }
  const mtimeNs = entry.kind === "disk" ? 0n : (entry.mtimeNs ?? 0n);
  switch (entry.kind) {
    case "disk": {
      const stat = statPath(toFsPath(entry.from));
      if (stat !== undefined) return stat;
      throw new ClientError("missing-input", `the listed file ${JSON.stringify(path)} does not exist`, {
        hint: "was it removed while the build was being prepared?",
      });
    }
    case "file":
      return {
        kind: "file",
        permissions: entry.permissions,
        mtimeNs,
        sizeBytes: entry.content.length,
        identity: undefined,
      };
    case "directory":
      return { kind: "directory", permissions: entry.permissions, mtimeNs };
    case "symlink":
      return { kind: "symlink", permissions: 0o777, mtimeNs, target: entry.target };
  }
}

function readListed(entry: ListedEntry | undefined, sizeBytes: number): SyncContent | undefined {
  if (entry?.kind === "file") return entry.content;
  return entry?.kind === "disk" ? readPath(toFsPath(entry.from), sizeBytes) : undefined;
}

function assertClean(path: string): void {
  if (!isCleanPath(path)) {
    throw new ClientError("unsafe-path", `${JSON.stringify(path)} is not a clean relative path`);
  }
}

function assertDirectory(path: string, entry: ListedEntry | undefined): void {
  if (entry === undefined || entry.kind === "directory") return;
  if (entry.kind === "disk" && statPath(toFsPath(entry.from))?.kind === "directory") return;
  throw new ClientError("bad-option", `entries are listed below ${JSON.stringify(path)}, which is not a directory`);
}
