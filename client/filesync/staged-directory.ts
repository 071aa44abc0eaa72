/**
 * A directory export on its way: everything is written to a staging directory first and moved to its place when it is
 * complete, so that a broken transfer leaves the destination as it was.
 * Differences from the original (tonistiigi/fsutil: rootdiskwriter.go), which writes in place: the staging; directory
 * modes are set last, so that a read-only directory can be filled by a user who is not root; times of files are exact
 * to some 240 ns only, for Node passes them as floats; extended attributes are dropped.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import { errnoOf } from "../client-error.ts";
import { exportError } from "./export-error.ts";
import { GO_CHARACTER_DEVICE, GO_DEVICE, GO_DIRECTORY, GO_FIFO, GO_SYMLINK, toPermissions } from "./go-file-mode.ts";
import { mergeDirectory } from "./merge-directory.ts";
import type { PacketStat } from "./packet.ts";
import { hasRawBytes, toFsPath } from "./path-bytes.ts";

const CREATE_FLAGS = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);

export interface StagedDirectoryOptions {
  /** Remove what the destination holds besides the export (BuildKit's local exporter with `mode=delete`). */
  readonly deleteExtraneous: boolean;
}

export class StagedDirectory {
  readonly #destination: string;
  readonly #staging: string;
  readonly #isNew: boolean;
  readonly #options: StagedDirectoryOptions;
  readonly #directories: PacketStat[] = [];
  readonly #hardLinks: PacketStat[] = [];

  private constructor(destination: string, staging: string, isNew: boolean, options: StagedDirectoryOptions) {
    this.#destination = destination;
    this.#staging = staging;
    this.#isNew = isNew;
    this.#options = options;
  }

  /**
   * Creates the staging directory: inside `destination` where that exists, so that both lie on one file system, else
   * beside it. Throws `ClientError` "export-failed" or "disk-full".
   */
  static open(destination: string, options: StagedDirectoryOptions): StagedDirectory {
    return guarded(destination, () => {
      const existing = realpathIfDirectory(destination);
      if (existing !== undefined) {
        return new StagedDirectory(existing, mkdtempSync(join(existing, ".export-")), false, options);
      }
      mkdirSync(dirname(destination), { recursive: true });
      const staging = mkdtempSync(join(dirname(destination), `.${basename(destination)}.export-`));
      return new StagedDirectory(destination, staging, true, options);
    });
  }

  /** Creates what an entry stands for; regular files with content follow by `createFile`. The path has been validated. */
  async add(stat: PacketStat): Promise<void> {
    const path = this.#at(stat.path);
    if (stat.mode & (GO_DEVICE | GO_FIFO)) return this.#addSpecial(stat);
    guarded(this.#destination, () => {
      if (stat.mode & GO_DIRECTORY) {
        mkdirSync(path, 0o700);
        this.#directories.push(stat);
      } else if (stat.mode & GO_SYMLINK) {
        symlinkSync(toFsPath(stat.link), path);
        lutimesSync(path, seconds(stat.mtimeNs), seconds(stat.mtimeNs));
      } else {
        this.#hardLinks.push(stat); // its file may still be on the way
      }
    });
  }

  /** Writes a whole small file. */
  writeFile(stat: PacketStat, content: readonly Uint8Array[]): void {
    guarded(this.#destination, () => {
      const file = openSync(this.#at(stat.path), CREATE_FLAGS, 0o600);
      try {
        for (const piece of content) writeFully(file, piece);
        fchmodSync(file, toPermissions(stat.mode));
        futimesSync(file, seconds(stat.mtimeNs), seconds(stat.mtimeNs));
      } finally {
        closeSync(file);
      }
    });
  }

  /** Opens a large file, to be written by `append` and completed by `finishFile`. */
  createFile(stat: PacketStat): Promise<FileHandle> {
    return this.#guarded(() => open(this.#at(stat.path), CREATE_FLAGS, 0o600));
  }

  append(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
    return this.#guarded(() => file.appendFile(Buffer.concat(pieces)));
  }

  finishFile(stat: PacketStat, file: FileHandle): Promise<void> {
    return this.#guarded(async () => {
      await file.chmod(toPermissions(stat.mode));
      await file.utimes(seconds(stat.mtimeNs), seconds(stat.mtimeNs));
      await file.close();
    });
  }

  /** Moves all to its place. A destination that existed is merged into: files replaced one by one, each as a whole. */
  commit(): void {
    guarded(this.#destination, () => {
      for (const stat of this.#hardLinks) linkSync(this.#at(stat.link), this.#at(stat.path));
      if (this.#isNew) renameSync(this.#staging, this.#destination);
      else {
        mergeDirectory(this.#staging, this.#destination, {
          deleteExtraneous: this.#options.deleteExtraneous,
          keep: basename(this.#staging),
        });
      }
      for (const stat of this.#directories.reverse()) {
        const path = under(this.#destination, stat.path);
        chmodSync(path, toPermissions(stat.mode));
        utimesSync(path, seconds(stat.mtimeNs), seconds(stat.mtimeNs));
      }
      if (!this.#isNew) rmSync(this.#staging, { recursive: true, force: true });
    });
  }

  /** Removes what was written; the destination stays as it was. */
  discard(): void {
    rmSync(this.#staging, { recursive: true, force: true });
  }

  async #guarded<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      throw exportError(this.#destination, cause);
    }
  }

  #at(path: string): string | Buffer {
    return under(this.#staging, path);
  }

  async #addSpecial(stat: PacketStat): Promise<void> {
    // Node can't make these itself. Devices need root, as they do in the original.
    if (hasRawBytes(stat.path))
      throw exportError(this.#destination, new Error("the name of a device or pipe is not UTF-8"));
    const path = join(this.#staging, stat.path);
    const mode = ["-m", toPermissions(stat.mode).toString(8)];
    const device = [stat.mode & GO_CHARACTER_DEVICE ? "c" : "b", String(stat.deviceMajor), String(stat.deviceMinor)];
    await this.#guarded(async () => {
      if (stat.mode & GO_FIFO) await execa("mkfifo", [...mode, path]);
      else await execa("mknod", [...mode, path, ...device]);
      utimesSync(path, seconds(stat.mtimeNs), seconds(stat.mtimeNs));
    });
  }
}

function guarded<T>(destination: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw exportError(destination, cause);
  }
}

function realpathIfDirectory(path: string): string | undefined {
  try {
    const resolved = realpathSync(path);
    if (lstatSync(resolved).isDirectory()) return resolved;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
  throw new Error("it exists and is not a directory");
}

function under(root: string, path: string): string | Buffer {
  return toFsPath(`${root}/${path}`);
}

function writeFully(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function seconds(timeNs: bigint): number {
  return Number(timeNs) / 1e9;
}
