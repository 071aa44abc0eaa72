/**
 * A {@link SourceTree} on a git work tree. The file set is git's (docs/format.md, "What counts as a file"), contents and
 * modes are those on the disk; for files that git holds back from the disk (sparse checkouts), those of the index.
 */
import { hash } from "node:crypto";
import type { Stats } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { BuildError } from "../../llb/index.ts";
import { sortedPaths } from "../file-set.ts";
import type { DirectoryEntry, FileKind, FileListing, FileStatus, HashedFile, SourceTree } from "../source-tree.ts";
import { type FileHasher, fileHasher, type StatedFile } from "./hash-files.ts";
import type { FileState } from "./hash-table.ts";
import type { HashAnswer } from "./hash-thread.ts";
import { withHeld } from "./held-directories.ts";
import { type HeldFiles, type HeldLink, heldFiles } from "./held-files.ts";
import { type GitListing, type IndexNote, listFiles } from "./list-files.ts";
import {
  behindLink,
  errorCode,
  lookBehind,
  lstat,
  readDirectory,
  readError,
  readWithoutWaiting,
} from "./look-at-disk.ts";
import { readBlobs } from "./read-blobs.ts";
import { type GitOptions, runGit } from "./run-git.ts";

export interface WorkTreeOptions {
  /** The environment that git runs with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Defaults to one that reads every file. */
  readonly hasher?: FileHasher;
  /** When it is aborted, questions that are being answered fail with its reason. */
  readonly signal?: AbortSignal;
}

/** `root` is absolute: the top of a work tree or a directory in it. Nothing is run before the first question. */
export function gitWorkTree(root: string, options: WorkTreeOptions): SourceTree {
  return new WorkTree(root, options);
}

/** The directory that git calls the top of the work tree around `cwd`, or undefined outside of one. */
export async function gitTopLevel(cwd: string, env: GitOptions["env"]): Promise<string | undefined> {
  try {
    return Buffer.from(await runGit(["rev-parse", "--show-toplevel"], { cwd, env }))
      .toString()
      .replace(/\n$/, "");
  } catch (error) {
    if (error instanceof BuildError && error.code === "not-a-work-tree") return undefined;
    throw error;
  }
}

/** What a look at the disk found; `state` is that of the file behind the links. `through` is there for links that the disk alone can't follow. */
type Found =
  | { readonly status: "present"; readonly kind: FileKind; readonly state: FileState; readonly through?: HeldLink }
  | { readonly status: "held"; readonly kind: FileKind; readonly blob: string; readonly through?: HeldLink }
  | Exclude<FileStatus, { readonly status: "present" }>;

class WorkTree implements SourceTree {
  readonly #root: string;
  readonly #git: GitOptions;
  readonly #hasher: FileHasher;
  readonly #realDirectories = new Map<string, boolean>([["", true]]);
  readonly #nested = new Map<string, Promise<readonly string[]>>();
  #heldFiles: Promise<HeldFiles> | undefined;
  #listing: Promise<GitListing> | undefined;
  #files: Promise<FileListing> | undefined;

  constructor(root: string, { env, hasher, signal }: WorkTreeOptions) {
    this.#root = root;
    this.#git = { cwd: root, env, ...(signal === undefined ? {} : { signal }) };
    this.#hasher = hasher ?? fileHasher();
  }

  listFiles(): Promise<FileListing> {
    this.#files ??= this.#gitListing().then(({ paths, nested }) => ({ paths: sortedPaths(paths), nested }));
    return this.#files;
  }

  listNested(directory: string): Promise<readonly string[]> {
    const known = this.#nested.get(directory);
    if (known !== undefined) return known;
    const listing = this.#listNested(directory);
    this.#nested.set(directory, listing);
    return listing;
  }

  async statFiles(paths: readonly string[]): Promise<readonly FileStatus[]> {
    const known = await this.#known();
    return this.#inSlices(paths, (path) => {
      const found = this.#look(path, known);
      if (found.status !== "present" && found.status !== "held") return found;
      const { kind } = found;
      const missing = missingFor(found, path);
      if (missing !== undefined) return { status: "present", kind, origin: "index", missing };
      const behind = kind === "link" ? { behind: behindLink(this.#root, path) } : {};
      return { status: "present", kind, origin: "work-tree", ...behind };
    });
  }

  async hashFiles(paths: readonly string[]): Promise<readonly HashedFile[]> {
    const known = await this.#known();
    const found: Found[] = [];
    const hashes: Promise<readonly HashAnswer[]>[] = [];
    for await (const slice of this.#slices(paths)) {
      const files: StatedFile[] = [];
      for (const path of slice) {
        const file = this.#look(path, known);
        found.push(file);
        if (file.status !== "present") continue;
        files.push({ path: this.#absolute(file.through?.target ?? path), state: file.state });
      }
      // They are hashed while the next are looked at.
      hashes.push(this.#hasher.hash(files));
    }
    const blobs = found.flatMap((file) => (file.status === "held" ? [file.blob] : []));
    const contents = (await readBlobs(blobs, this.#git)).values();
    const sums: HashAnswer[] = [];
    for (const slice of hashes) {
      sums.push(...(await slice));
      this.#git.signal?.throwIfAborted();
    }
    const answers = sums.values();
    return found.map((file, index): HashedFile => {
      if (file.status !== "present" && file.status !== "held") return file;
      const isHeld = file.status === "held";
      const sha1 = isHeld ? hash("sha1", contents.next().value ?? NOTHING) : answers.next().value;
      return hashedFile(file.kind, sha1, missingFor(file, paths[index] ?? ""));
    });
  }

  async readFiles(paths: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    const known = await this.#known();
    const read = await this.#inSlices(paths, (path) => this.#read(path, known));
    const held = read.filter((content): content is Held => content !== undefined && "blob" in content);
    const blobs = await readBlobs(
      held.map(({ blob }) => blob),
      this.#git,
    );
    const contents = new Map(held.map((content, order) => [content, blobs[order] ?? NOTHING]));
    return read.map((content) => (content !== undefined && "blob" in content ? contents.get(content) : content));
  }

  async readDirectories(paths: readonly string[]): Promise<readonly (readonly DirectoryEntry[] | undefined)[]> {
    const { held } = await this.#known();
    return this.#inSlices(paths, (path) => withHeld(readDirectory(this.#absolute(path)), held.directories.get(path)));
  }

  /** Only `git` knows which paths are tracked, so every question waits for its answer; it is asked once. */
  #gitListing(): Promise<GitListing> {
    this.#listing ??= listFiles(this.#git);
    return this.#listing;
  }

  async #known(): Promise<Known> {
    const { notes } = await this.#gitListing();
    this.#heldFiles ??= heldFiles(this.#root, notes, this.#git);
    return { notes, held: await this.#heldFiles };
  }

  async #listNested(directory: string): Promise<readonly string[]> {
    const cwd = this.#absolute(directory);
    if (lstat(`${cwd}/.git`) === undefined) return [directory];
    const inner = await listFiles({ cwd, env: withoutRepository(this.#git.env) });
    const { notes } = await this.#gitListing();
    for (const [path, note] of inner.notes) if (note.kind === "not-utf8") notes.set(`${directory}/${path}`, note);
    const deeper = await Promise.all(inner.nested.map((nested) => this.listNested(`${directory}/${nested}`)));
    return [...inner.paths.map((path) => `${directory}/${path}`), ...deeper.flat()];
  }

  #look(path: string, { notes, held }: Known): Found {
    const note = notes.get(path);
    if (note?.kind === "not-utf8") return { status: "unreadable", reason: "not-utf8" };
    const stats = this.#isInRealDirectory(path) ? lstat(this.#absolute(path)) : undefined;
    if (stats === undefined && note?.kind === "held") {
      const file = held.fileAt(path);
      return file === undefined ? this.#follow(path, held) : { status: "held", ...file };
    }
    if (stats === undefined) return { status: "absent" };
    if (stats.isSymbolicLink()) {
      const behind = lookBehind(this.#absolute(path));
      if (behind.status === "present") return { status: "present", kind: "link", state: stateOf(behind.stats) };
      return behind.reason === "dangling-link" ? this.#follow(path, held) : behind;
    }
    // A listed directory is a submodule without content; any other has taken a tracked file's place.
    if (stats.isDirectory()) return this.#nested.has(path) ? NO_SUBMODULE : { status: "absent" };
    if (!stats.isFile()) return { status: "unreadable", reason: "special-file" };
    const kind = (stats.mode & OWNER_EXECUTE) === 0 ? "file" : "executable";
    return { status: "present", kind, state: stateOf(stats) };
  }

  /** A link that leads nowhere on the disk alone. */
  #follow(path: string, held: HeldFiles): Found {
    const followed = held.follow(path);
    if (typeof followed === "string") return { status: "unreadable", reason: followed };
    const stats = lstat(this.#absolute(followed.target));
    if (stats !== undefined) return { status: "present", kind: "link", state: stateOf(stats), through: followed };
    const file = held.fileAt(followed.target);
    if (file === undefined) return { status: "unreadable", reason: "dangling-link" };
    return { status: "held", kind: "link", blob: file.blob, through: followed };
  }

  #read(path: string, known: Known): Uint8Array | Held | undefined {
    try {
      return readWithoutWaiting(this.#absolute(path));
    } catch (error) {
      const code = errorCode(error);
      if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "EISDIR") throw readError(path, error);
      const found = this.#look(path, known);
      if (found.status === "held") return { blob: found.blob };
      const target = found.status === "present" ? found.through?.target : undefined;
      return target === undefined ? undefined : this.#read(target, known);
    }
  }

  async #inSlices<In, Out>(values: readonly In[], map: (value: In) => Out): Promise<readonly Out[]> {
    const out: Out[] = [];
    for await (const slice of this.#slices(values)) for (const value of slice) out.push(map(value));
    return out;
  }

  /** Few at once, so that the event loop isn't kept from everything else for long. */
  async *#slices<T>(values: readonly T[]): AsyncGenerator<readonly T[]> {
    for (let start = 0; start < values.length; start += SLICE) {
      if (start > 0) await nextTurn();
      this.#git.signal?.throwIfAborted();
      yield values.slice(start, start + SLICE);
    }
  }

  /** Not `join`, which would take longer than the questions to the disk. */
  #absolute(path: string): string {
    return `${this.#root}/${path}`;
  }

  /** A tracked path below what has become a symbolic link is gone, though the disk would show something there. */
  #isInRealDirectory(path: string): boolean {
    const directory = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const known = this.#realDirectories.get(directory);
    if (known !== undefined) return known;
    const real = this.#isInRealDirectory(directory) && (lstat(this.#absolute(directory))?.isDirectory() ?? false);
    this.#realDirectories.set(directory, real);
    return real;
  }
}

/** What of a file is not on the disk: the path itself, or, of a link, something on its way. */
function missingFor(found: Extract<Found, { readonly kind: FileKind }>, path: string): string | undefined {
  return found.through?.missing ?? (found.status === "held" ? path : undefined);
}

/** Stats are large, and hundreds of them are in memory at once. */
function stateOf({ size, mtimeMs, ctimeMs, ino }: Stats): FileState {
  return { size, mtimeMs, ctimeMs, ino };
}

function hashedFile(kind: FileKind, answer: HashAnswer | undefined, missing: string | undefined): HashedFile {
  if (typeof answer === "string") {
    return { status: "present", kind, sha1: answer, ...(missing === undefined ? {} : { missing }) };
  }
  // Gone since it was looked at.
  if (answer?.code === "ENOENT") return { status: "absent" };
  if (answer?.code === "EACCES") return { status: "unreadable", reason: "no-permission" };
  throw new BuildError("unreadable-file", `cannot read a file of the repository: ${answer?.message}`);
}

/** What git has told of the files. */
interface Known {
  readonly notes: ReadonlyMap<string, IndexNote>;
  readonly held: HeldFiles;
}

interface Held {
  readonly blob: string;
}

const NOTHING = new Uint8Array();
const NO_SUBMODULE: Found = { status: "unreadable", reason: "submodule-not-checked-out" };
const OWNER_EXECUTE = 0o100;
const SLICE = 500;

/** git's variables that name a repository would make it list the outer one again. */
function withoutRepository(env: GitOptions["env"]): GitOptions["env"] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !REPOSITORY_VARIABLES.has(name)));
}

/** Those of `git rev-parse --local-env-vars` that say where a repository is. */
const REPOSITORY_VARIABLES: ReadonlySet<string> = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_DIR",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_WORK_TREE",
]);
