/**
 * Moves a complete tree over an existing one on the same file system: what came replaces what was, file by file, each by
 * one rename; directories are merged. A symlink in the old tree is replaced, never followed.
 */
import { chmodSync, lstatSync, readdirSync, renameSync, rmSync, type Stats } from "node:fs";

export interface MergeOptions {
  /** Remove what the old tree holds besides. */
  readonly deleteExtraneous: boolean;
  /** A name at the top of the old tree that is nobody's business: the directory that is being moved. */
  readonly keep: string;
}

/** Throws the file system's error; what was moved until then stays. */
export function mergeDirectory(from: string, to: string, options: MergeOptions): void {
  merge(Buffer.from(from), Buffer.from(to), options.deleteExtraneous, [Buffer.from(options.keep)]);
}

function merge(from: Buffer, to: Buffer, deleteExtraneous: boolean, keep: readonly Buffer[]): void {
  const incoming = readdirSync(from, { encoding: "buffer" });
  if (deleteExtraneous) removeOthers(to, [...incoming, ...keep]);
  for (const name of incoming) {
    const source = join(from, name);
    const target = join(to, name);
    const isDirectory = lstatSync(source).isDirectory();
    const existing = lstatSync(target, { throwIfNoEntry: false });
    if (isDirectory && existing?.isDirectory()) {
      chmodSync(target, existing.mode | 0o700);
      merge(source, target, deleteExtraneous, []);
    } else {
      makeWay(target, existing, isDirectory);
      renameSync(source, target);
    }
  }
}

/** rename replaces a file by a file; anything else that stands in the way has to go first. */
function makeWay(target: Buffer, existing: Stats | undefined, forDirectory: boolean): void {
  if (existing !== undefined && (forDirectory || existing.isDirectory())) rmSync(target, { recursive: true });
}

function removeOthers(directory: Buffer, keep: readonly Buffer[]): void {
  const kept = new Set(keep.map((name) => name.toString("latin1")));
  for (const name of readdirSync(directory, { encoding: "buffer" })) {
    if (!kept.has(name.toString("latin1"))) rmSync(join(directory, name), { recursive: true });
  }
}

function join(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, Buffer.of(0x2f), name]);
}
