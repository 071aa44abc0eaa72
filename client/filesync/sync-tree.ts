/**
 * What the file-sync sender needs to know of a tree of files, whether it lies on a disk or is made up in memory.
 * Metadata is answered synchronously: thousands of awaited lstat calls would cost more than the transfer itself.
 */

/** `permissions` are st_mode's low twelve bits (0o7777); `mtimeNs` counts nanoseconds since 1970. */
export type SyncEntry =
  | { readonly kind: "directory"; readonly permissions: number; readonly mtimeNs: bigint }
  | {
      readonly kind: "file";
      readonly permissions: number;
      readonly mtimeNs: bigint;
      readonly sizeBytes: number;
      /** Equal for two names of one file (hard links); undefined where the file has only this name. */
      readonly identity: string | undefined;
    }
  | { readonly kind: "symlink"; readonly permissions: number; readonly mtimeNs: bigint; readonly target: string }
  | { readonly kind: "fifo"; readonly permissions: number; readonly mtimeNs: bigint }
  | {
      readonly kind: "device";
      readonly type: "block" | "character";
      readonly permissions: number;
      readonly mtimeNs: bigint;
      readonly major: number;
      readonly minor: number;
    };

export interface SyncChild {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** Content of one file: whole where it is small, in pieces otherwise. A piece may be reused once the next is asked for. */
export type SyncContent = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * A tree of files. Paths are relative, "/"-separated, without "." or ".."; the root is "". Names that are not UTF-8 are
 * escaped as `path-bytes.ts` says.
 */
export interface SyncTree {
  /** The children of a directory, ordered by `compareNames`. Throws the file system's error; a directory that is gone has none. */
  list(directory: string): readonly SyncChild[];
  /** Undefined for what does not exist. Symlinks are not followed. */
  stat(path: string): SyncEntry | undefined;
  /** Undefined for what does not exist. `sizeBytes` is what `stat` said: a hint for choosing how to read, not a limit. */
  read(path: string, sizeBytes: number): SyncContent | undefined;
}

/** "a/b" + "c" → "a/b/c"; the root's children have no prefix. */
export function childPath(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}
