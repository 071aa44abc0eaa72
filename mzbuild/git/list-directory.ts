/**
 * The file set of a directory where git itself isn't there to be asked: a build context inside BuildKit. What is tracked
 * comes from `.git/index`, what is ignored from the ignore files; docs/frontend.md says where that may differ.
 */
import { type Dirent, readdirSync, readFileSync, type Stats } from "node:fs";
import type { HashedFile } from "../source-tree.ts";
import { contentHash, type HashContent } from "./hash-content.ts";
import { type IgnoreScope, isIgnored, parseIgnoreFile } from "./ignore-rules.ts";
import { trackedPaths } from "./index-file.ts";
import { behindLink, errorCode, lookBehind, lstat } from "./look-at-disk.ts";

/** A member of the file set. */
export interface ListedFile {
  readonly path: string;
  readonly file: Exclude<HashedFile, { readonly status: "absent" }>;
  /** Of a link that leads to a file: as in `FileStatus`. */
  readonly behind?: readonly string[];
}

export interface ListOptions {
  /** Every file counts, whatever ignore files say: what git itself has checked out. Default: false. */
  readonly everything?: boolean;
}

/** All files of the set with their hashes, sorted. `root` is absolute. Throws what the disk throws. */
export function listDirectory(root: string, { everything = false }: ListOptions = {}): readonly ListedFile[] {
  const tracked = readTracked(root);
  const walk: Walk = { root, everything, tracked, trackedDirectories: directoriesOf(tracked), found: [] };
  const exclude = everything ? undefined : readIfThere(`${root}/.git/info/exclude`);
  const scope = exclude === undefined ? undefined : { prefix: "", rules: parseIgnoreFile(exclude), parent: undefined };
  walkDirectory(walk, "", { scope, ignored: false });
  const hash = contentHash();
  const paths = walk.found.sort((a, b) => (a < b ? -1 : 1));
  return paths.map((path): ListedFile => {
    const file = look(`${root}/${path}`, hash);
    const isLink = file.status === "present" && file.kind === "link";
    return { path, file, ...(isLink ? { behind: behindLink(root, path) } : {}) };
  });
}

interface Walk {
  readonly root: string;
  readonly everything: boolean;
  readonly tracked: ReadonlySet<string>;
  readonly trackedDirectories: ReadonlySet<string>;
  readonly found: string[];
}

interface Above {
  readonly scope: IgnoreScope | undefined;
  /** A rule covers the directory, so that only what is tracked in it counts. */
  readonly ignored: boolean;
}

function walkDirectory(walk: Walk, directory: string, outer: Above): void {
  const prefix = directory === "" ? "" : `${directory}/`;
  const entries = readdirSync(`${walk.root}/${directory}`, { withFileTypes: true });
  const above = isNested(walk, directory, { entries, ignored: outer.ignored }) ? NESTED : outer;
  const own = above.ignored || walk.everything ? undefined : readIfThere(`${walk.root}/${prefix}.gitignore`);
  const scope = own === undefined ? above.scope : { prefix, rules: parseIgnoreFile(own), parent: above.scope };
  for (const entry of entries) {
    if (entry.name === ".git") continue;
    const path = `${prefix}${entry.name}`;
    const ignored = above.ignored || isIgnored(scope, path, entry.isDirectory());
    if (entry.isDirectory()) {
      const holdsTracked = walk.trackedDirectories.has(path) || walk.tracked.has(path);
      if (!ignored || holdsTracked) walkDirectory(walk, path, { scope, ignored });
    } else if (!ignored || walk.tracked.has(path)) {
      walk.found.push(path);
    }
  }
}

/** In a repository of its own, the rules of the outer one mean nothing. */
const NESTED: Above = { scope: undefined, ignored: false };

/** Submodules and other repositories inside; those that the outer one ignores as a whole are none of its business. */
function isNested(
  { tracked }: Walk,
  directory: string,
  { entries, ignored }: { readonly entries: readonly Dirent[]; readonly ignored: boolean },
): boolean {
  if (directory === "" || (ignored && !tracked.has(directory))) return false;
  return entries.some(({ name }) => name === ".git");
}

function look(path: string, hash: HashContent): ListedFile["file"] {
  const stats = lstat(path);
  if (stats === undefined) throw new Error(`${path} vanished`);
  if (stats.isSymbolicLink()) {
    const behind = lookBehind(path);
    if (behind.status === "unreadable") return behind;
    return { status: "present", kind: "link", sha1: hash(path, behind.stats.size) };
  }
  if (!stats.isFile()) return { status: "unreadable", reason: "special-file" };
  return { status: "present", kind: isExecutable(stats) ? "executable" : "file", sha1: hash(path, stats.size) };
}

function isExecutable({ mode }: Stats): boolean {
  return (mode & 0o100) !== 0;
}

function readTracked(root: string): ReadonlySet<string> {
  const index = readIfThere(`${root}/.git/index`);
  return (index === undefined ? undefined : trackedPaths(index)) ?? new Set();
}

function directoriesOf(paths: Iterable<string>): ReadonlySet<string> {
  const directories = new Set<string>();
  for (const path of paths) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      directories.add(path.slice(0, end));
    }
  }
  return directories;
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw error;
  }
}
