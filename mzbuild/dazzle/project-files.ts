/**
 * The files of a dazzle project. Paths are relative to the context directory, joined by `/`. Names are bytes in the guise of
 * text, one character a byte (latin1), so that none is lost and the order of characters is that of bytes.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "../../llb/index.ts";
import { highwayHash } from "./highway-hash.ts";

export type FileKind = "file" | "directory" | "other";

export interface ProjectEntry {
  readonly name: string;
  /** Of the entry itself: a symbolic link is one, wherever it leads. */
  readonly isDirectory: boolean;
}

export interface ProjectFiles {
  /** Undefined where nothing is. Throws for what is there and can't be read. */
  readonly read: (path: string) => Uint8Array | undefined;
  /** In the order of bytes; undefined where there is no such directory. */
  readonly list: (path: string) => readonly ProjectEntry[] | undefined;
  /** What a path leads to, links followed; undefined where it leads nowhere. */
  readonly kindOf: (path: string) => FileKind | undefined;
  /** HighwayHash of a file's content. */
  readonly hash: (path: string) => string;
  /** The place of a directory, links resolved: the same for the same directory. */
  readonly realPath: (path: string) => string;
}

const PIECE_BYTES = 1024 * 1024;

/** The files below a directory of the disk. */
export function diskFiles(root: string): ProjectFiles {
  // As bytes: names need not be UTF-8.
  const at = (path: string): Buffer => Buffer.concat([Buffer.from(join(root, "/")), Buffer.from(path, "latin1")]);
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  return {
    read: (path) =>
      unlessMissing(() => {
        if (statSync(at(path)).isDirectory()) throw isDirectory(path);
        return readFileSync(at(path));
      }),
    list: (path) =>
      unlessMissing(() =>
        readdirSync(at(path), { withFileTypes: true, encoding: "buffer" })
          .map((entry) => ({ name: entry.name.toString("latin1"), isDirectory: entry.isDirectory() }))
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
      ),
    kindOf: (path) =>
      unlessMissing(() => {
        const stat = statSync(at(path));
        return stat.isDirectory() ? "directory" : stat.isFile() ? "file" : "other";
      }),
    hash: (path) => {
      const hash = highwayHash();
      const file = openSync(at(path), "r");
      try {
        for (let read = 1; read > 0; ) {
          read = readSync(file, piece, 0, piece.length, null);
          hash.update(piece.subarray(0, read));
        }
      } finally {
        closeSync(file);
      }
      return hash.digest();
    },
    realPath: (path) => realpathSync(at(path), { encoding: "buffer" }).toString("latin1"),
  };
}

function isDirectory(path: string): BuildError {
  const shown = Buffer.from(path, "latin1").toString("utf8");
  return new BuildError("unreadable-file", `read ${shown}: is a directory`, {
    hint: "there has to be a file of that name",
  });
}

function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
