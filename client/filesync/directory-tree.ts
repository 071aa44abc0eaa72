/**
 * A directory of the local file system as a SyncTree.
 * Differences from tonistiigi/fsutil (fs.go, stat.go, stat_unix.go): extended attributes are not read, Node has no call
 * for them; and a file that vanishes between listing and lstat is left out alone, not together with the rest of its directory.
 */
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { ClientError, errnoOf, messageOf } from "../client-error.ts";
import { sortNames } from "./compare-paths.ts";
import { decodePath, hasRawBytes, maybeLossy, toFsPath } from "./path-bytes.ts";
import type { SyncChild, SyncContent, SyncEntry, SyncTree } from "./sync-tree.ts";

/** Files up to this size are read in one go, synchronously: 4 thread-pool hops cost more than the read. */
const SMALL_FILE_BYTES = 64 * 1024;
const PIECE_BYTES = 256 * 1024;

// Never block on a FIFO, never leave the tree through a symlink, whatever takes the file's place after lstat.
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** `root` may be a symlink to the directory. Throws `ClientError` "missing-input" where it is no directory. */
export function directoryTree(root: string): SyncTree {
  const base = resolveRoot(root);
  const at = (path: string): string | Buffer => toFsPath(path === "" ? base : `${base}/${path}`);
  return {
    list: (directory) => listDirectory(at(directory)),
    stat: (path) => statPath(at(path)),
    read: (path, sizeBytes) => readPath(at(path), sizeBytes),
  };
}

function resolveRoot(root: string): string {
  try {
    const resolved = realpathSync(root);
    if (statSync(resolved).isDirectory()) return resolved === "/" ? "" : resolved;
  } catch (cause) {
    throw new ClientError("missing-input", `the directory ${JSON.stringify(root)} can't be read: ${messageOf(cause)}`, {
      cause,
    });
  }
  throw new ClientError("missing-input", `${JSON.stringify(root)} is not a directory`);
}

function listDirectory(path: string | Buffer): readonly SyncChild[] {
  const directory = path.length === 0 ? "/" : path;
  const children = new Map<string, boolean>();
  try {
    for (const child of readdirSync(directory, { withFileTypes: true })) children.set(child.name, child.isDirectory());
    if ([...children.keys()].some(maybeLossy)) {
      children.clear();
      for (const child of readdirSync(directory, { withFileTypes: true, encoding: "buffer" })) {
        children.set(decodePath(child.name), child.isDirectory());
      }
    }
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
  return sortNames([...children.keys()]).map((name) => ({ name, isDirectory: children.get(name) === true }));
}

/** lstat of any path of the local file system, in the sender's terms; undefined where nothing is there. */
export function statPath(path: string | Buffer): SyncEntry | undefined {
  const stat = orGone(() => lstatSync(path, { bigint: true }));
  if (stat === undefined) return undefined;
  const permissions = Number(stat.mode & 0o7777n);
  const mtimeNs = stat.mtimeNs;
  if (stat.isDirectory()) return { kind: "directory", permissions, mtimeNs };
  if (stat.isSymbolicLink()) {
    const target = orGone(() => readLink(path));
    return target === undefined ? undefined : { kind: "symlink", permissions, mtimeNs, target };
  }
  if (stat.isFIFO()) return { kind: "fifo", permissions, mtimeNs };
  if (stat.isBlockDevice() || stat.isCharacterDevice()) {
    const type = stat.isBlockDevice() ? "block" : "character";
    return { kind: "device", type, permissions, mtimeNs, ...deviceNumbers(stat.rdev) };
  }
  // A socket travels as an empty file: the original clears its type bit (stat.go) and then can't open it.
  const identity = stat.nlink > 1n ? `${stat.dev}:${stat.ino}` : undefined;
  return { kind: "file", permissions, mtimeNs, sizeBytes: Number(stat.size), identity };
}

/** Opens any path of the local file system for the sender; undefined where nothing is there any more. */
export function readPath(path: string | Buffer, sizeBytes: number): SyncContent | undefined {
  if (sizeBytes > SMALL_FILE_BYTES) return readInPieces(path);
  return orGone(() => {
    const file = openForSync(path);
    if (file === undefined) return new Uint8Array();
    try {
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  });
}

function openForSync(path: string | Buffer): number | undefined {
  try {
    return openSync(path, READ_FLAGS);
  } catch (error) {
    if (errnoOf(error) === "ENXIO") return undefined; // a socket
    throw error;
  }
}

async function* readInPieces(path: string | Buffer): AsyncGenerator<Uint8Array> {
  const file = await open(path, READ_FLAGS).catch((error: unknown) => {
    if (isGone(error)) return undefined;
    throw error;
  });
  if (file === undefined) return;
  try {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function readLink(path: string | Buffer): string {
  const target = readlinkSync(path);
  return maybeLossy(target) || hasRawBytes(target) ? decodePath(readlinkSync(path, "buffer")) : target;
}

/** Source: tonistiigi/fsutil: stat_unix.go (major, minor): Linux's split encoding without its upper half. */
function deviceNumbers(device: bigint): { readonly major: number; readonly minor: number } {
  return { major: Number((device >> 8n) & 0xfffn), minor: Number((device & 0xffn) | ((device >> 12n) & 0xfff00n)) };
}

function orGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === "ENOENT" || errno === "ENOTDIR";
}
