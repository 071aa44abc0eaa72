/**
 * A {@link SourceTree} on a commit, without checking it out: git's objects are read as they are. Its answers are those of a fresh
 * checkout, but for content filters (line endings, LFS), which are not applied.
 */
import { hash } from "node:crypto";
import { sortedPaths } from "../file-set.ts";
import type { DirectoryEntry, FileListing, FileStatus, HashedFile, SourceTree } from "../source-tree.ts";
import { type CommitEntry, type CommitListing, listCommit } from "./list-commit.ts";
import { readBlobs } from "./read-blobs.ts";
import type { GitOptions } from "./run-git.ts";
import { followLinks, type LinkedTree } from "./tree-links.ts";

/** `root` is absolute, inside of the work tree. `commit` is any name that git has for it; it is looked up at the first question. */
export function gitCommitTree(root: string, commit: string, git: Pick<GitOptions, "env" | "signal">): SourceTree {
  return new CommitTree(commit, { ...git, cwd: root });
}

type Directories = ReadonlyMap<string, ReadonlyMap<string, DirectoryEntry["kind"] | "link">>;

interface Loaded extends CommitListing {
  readonly directories: Directories;
  readonly links: LinkedTree;
}

class CommitTree implements SourceTree {
  readonly #commit: string;
  readonly #git: GitOptions;
  readonly #sha1 = new Map<string, string>();
  #loading: Promise<Loaded> | undefined;

  constructor(commit: string, git: GitOptions) {
    this.#commit = commit;
    this.#git = git;
  }

  async listFiles(): Promise<FileListing> {
    const { entries, submodules } = await this.#load();
    return { paths: sortedPaths(entries.keys()), nested: submodules };
  }

  /** The content of a submodule is in another repository. */
  async listNested(directory: string): Promise<readonly string[]> {
    return [directory];
  }

  async statFiles(paths: readonly string[]): Promise<readonly FileStatus[]> {
    const loaded = await this.#load();
    return paths.map((path) => {
      const found = look(loaded, path);
      return found.status === "present" ? { status: "present", kind: found.kind, origin: "index" } : found;
    });
  }

  async hashFiles(paths: readonly string[]): Promise<readonly HashedFile[]> {
    const loaded = await this.#load();
    const found = paths.map((path) => look(loaded, path));
    await this.#hashBlobs(found.flatMap((file) => (file.status === "present" ? [file.blob] : [])));
    return found.map((file) => {
      if (file.status !== "present") return file;
      return { status: "present", kind: file.kind, sha1: this.#sha1.get(file.blob) ?? "" };
    });
  }

  async readFiles(paths: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    const { entries, links } = await this.#load();
    const blobs = paths.map((path) => {
      const followed = followLinks(links, path);
      return followed.kind === "file" ? entries.get(followed.path)?.blob : undefined;
    });
    const wanted = [...new Set(blobs.filter((blob) => blob !== undefined))];
    const contents = await readBlobs(wanted, this.#git);
    const byBlob = new Map(wanted.map((blob, index) => [blob, contents[index]]));
    return blobs.map((blob) => (blob === undefined ? undefined : byBlob.get(blob)));
  }

  async readDirectories(paths: readonly string[]): Promise<readonly (readonly DirectoryEntry[] | undefined)[]> {
    const { directories, links } = await this.#load();
    return paths.map((path) => {
      const followed = followLinks(links, path);
      if (followed.kind !== "directory") return undefined;
      const children = directories.get(followed.path);
      if (children === undefined) return followed.path === "" ? [] : undefined;
      return [...children].map(([name, kind]) => {
        if (kind !== "link") return { name, kind };
        const behind = followLinks(links, followed.path === "" ? name : `${followed.path}/${name}`);
        return { name, kind: behind.kind === "file" || behind.kind === "directory" ? behind.kind : "other" };
      });
    });
  }

  #load(): Promise<Loaded> {
    this.#loading ??= this.#read();
    return this.#loading;
  }

  async #read(): Promise<Loaded> {
    const listing = await listCommit(this.#commit, this.#git);
    const { entries, submodules } = listing;
    const links = [...entries].filter(([, { kind }]) => kind === "link");
    const texts = await readBlobs(
      links.map(([, { blob }]) => blob),
      this.#git,
    );
    const targets = new Map(links.map(([path], index) => [path, Buffer.from(texts[index] ?? []).toString("utf8")]));
    const directories = directoriesOf(entries, submodules);
    const tree = {
      isFile: (path: string) => entries.has(path) && !targets.has(path),
      isDirectory: (path: string) => directories.has(path) || submodules.includes(path),
      linkAt: (path: string) => targets.get(path),
    };
    return { ...listing, directories, links: tree };
  }

  /** In portions, so that not all of a repository is in memory at once. */
  async #hashBlobs(blobs: readonly string[]): Promise<void> {
    const wanted = [...new Set(blobs)].filter((blob) => !this.#sha1.has(blob));
    for (let start = 0; start < wanted.length; start += PORTION) {
      const portion = wanted.slice(start, start + PORTION);
      const contents = await readBlobs(portion, this.#git);
      for (const [index, blob] of portion.entries()) {
        this.#sha1.set(blob, hash("sha1", contents[index] ?? new Uint8Array()));
      }
    }
  }
}

const PORTION = 2000;

type Looked =
  | { readonly status: "present"; readonly kind: CommitEntry["kind"]; readonly blob: string }
  | Exclude<FileStatus, { readonly status: "present" }>;

function look({ entries, submodules, links }: Loaded, path: string): Looked {
  const entry = entries.get(path);
  if (entry === undefined) {
    return submodules.includes(path)
      ? { status: "unreadable", reason: "submodule-not-checked-out" }
      : { status: "absent" };
  }
  // What git keeps as U+FFFD here was not UTF-8, or is that very character, which nobody names a file with.
  if (path.includes("\ufffd")) return { status: "unreadable", reason: "not-utf8" };
  if (entry.kind !== "link") return { status: "present", ...entry };
  const followed = followLinks(links, path);
  switch (followed.kind) {
    case "file":
      return { status: "present", kind: "link", blob: entries.get(followed.path)?.blob ?? "" };
    case "directory":
      return { status: "unreadable", reason: "link-to-directory" };
    case "loop":
      return { status: "unreadable", reason: "link-loop" };
    case "nothing":
      return { status: "unreadable", reason: "dangling-link" };
  }
}

function directoriesOf(entries: ReadonlyMap<string, CommitEntry>, submodules: readonly string[]): Directories {
  const directories = new Map<string, Map<string, DirectoryEntry["kind"] | "link">>();
  const add = (path: string, kind: DirectoryEntry["kind"] | "link"): void => {
    const slash = path.lastIndexOf("/");
    const parent = slash === -1 ? "" : path.slice(0, slash);
    const known = directories.get(parent);
    if (known !== undefined) {
      known.set(path.slice(slash + 1), kind);
      return;
    }
    directories.set(parent, new Map([[path.slice(slash + 1), kind]]));
    if (parent !== "") add(parent, "directory");
  };
  for (const [path, { kind }] of entries) add(path, kind === "link" ? "link" : "file");
  for (const path of submodules) add(path, "directory");
  return directories;
}
