/**
 * What the compiler asks of the repository's files. A git work tree on a disk answers here (`git/`); a build context inside
 * BuildKit can answer the same questions, which is why every one is asked for many paths at once.
 *
 * Paths are relative to the repository's root, with `/`.
 */

/** What `lstat` says of a file of the file set; "executable" means: for its owner. */
export type FileKind = "file" | "executable" | "link";

/** Why a path of the file set cannot be read, though something is there. */
export type UnreadableReason =
  | "dangling-link"
  | "link-to-directory"
  | "link-loop"
  | "special-file"
  | "not-utf8"
  | "submodule-not-checked-out"
  | "no-permission";

/** `absent`: nothing is there, so the path is no member of the file set after all (tracked, but deleted). */
export type FileStatus =
  | {
      readonly status: "present";
      readonly kind: FileKind;
      readonly origin: FileOrigin;
      /** Of a link: what has to be there for it to lead to its file, in the repository; links on the way, and the file. */
      readonly behind?: readonly string[];
      /** Of a file from the index: what is not on the disk, the path itself or, of a link, something on its way. */
      readonly missing?: string;
    }
  | { readonly status: "absent" }
  | { readonly status: "unreadable"; readonly reason: UnreadableReason };

/** `index`: git keeps the file out of the work tree (sparse checkout, assume-unchanged); its content comes from the index. */
export type FileOrigin = "work-tree" | "index";

/** `sha1` is that of the plain content, in hexadecimal; of a link, that of the file which it points to in the end. `missing` as in {@link FileStatus}. */
export type HashedFile =
  | { readonly status: "present"; readonly kind: FileKind; readonly sha1: string; readonly missing?: string }
  | Exclude<FileStatus, { readonly status: "present" }>;

/**
 * The candidates for the file set (docs/format.md, "What counts as a file"): tracked, or untracked and not ignored.
 * Whether a tracked one still exists is only found out when it matters: {@link SourceTree.statFiles}.
 */
export interface FileListing {
  /** Each once, in JavaScript's string order. */
  readonly paths: readonly string[];
  /** Directories that are git repositories of their own (submodules and others); their files are listed on demand. */
  readonly nested: readonly string[];
}

export interface DirectoryEntry {
  readonly name: string;
  /** Links are followed; "other" is what is neither, and what dangles. */
  readonly kind: "file" | "directory" | "other";
}

export interface SourceTree {
  /** The same answer every time. Throws `BuildError` "not-a-work-tree", "git-failed", "git-missing". */
  listFiles(): Promise<FileListing>;
  /** The files of a nested repository, as paths relative to our root. */
  listNested(directory: string): Promise<readonly string[]>;
  /** One answer a path, in order. */
  statFiles(paths: readonly string[]): Promise<readonly FileStatus[]>;
  /** One answer a path, in order. */
  hashFiles(paths: readonly string[]): Promise<readonly HashedFile[]>;
  /** Contents, links followed; undefined where no file is. One answer a path, in order. */
  readFiles(paths: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  /**
   * What lies in these directories, ignored or not; undefined where no directory is. "" is the root. As in a full checkout: what
   * git keeps from the disk is there, too.
   */
  readDirectories(paths: readonly string[]): Promise<readonly (readonly DirectoryEntry[] | undefined)[]>;
}
