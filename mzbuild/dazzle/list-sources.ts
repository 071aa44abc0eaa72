/**
 * The lines of a chunk's manifest that name its files. docs/dazzle.md, "What a hash covers".
 * Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/project.go (`manifest`), with the order of bmatcuk/doublestar v1.3.4 (`Glob`).
 */
import { BuildError } from "../../llb/index.ts";
import type { ProjectFiles } from "./project-files.ts";

/**
 * A line for everything below `directory`, links followed, in the order in which the reference finds it: first what the
 * subdirectories hold, then the directory's own entries. Throws `BuildError` "bad-chunk-source".
 */
export function listSources(files: ProjectFiles, directory: string): readonly string[] {
  const lines: string[] = [];
  const walk = (path: string, above: readonly string[]): void => {
    const entries = (files.list(path) ?? []).map(({ name }) => {
      const entry = `${path}/${name}`;
      return { entry, kind: kindOf(files, directory, entry) };
    });
    for (const { entry, kind } of entries) {
      if (kind !== "directory") continue;
      const real = files.realPath(entry);
      if (above.includes(real)) throw badSource(`${shown(entry)} leads in a circle`);
      walk(entry, [...above, real]);
    }
    for (const { entry, kind } of entries) {
      const line = entry.slice(directory.length);
      lines.push(kind === "directory" ? line : `${line}:${files.hash(entry)}`);
    }
  };
  walk(directory, [files.realPath(directory)]);
  return lines;
}

function kindOf(files: ProjectFiles, directory: string, entry: string): "file" | "directory" {
  const kind = files.kindOf(entry);
  if (kind === undefined) {
    const hint = `it is a symbolic link to nowhere: all files in ${shown(directory)} are part of the chunk's hash`;
    throw badSource(`stat ${shown(entry)}: no such file or directory`, hint);
  }
  if (kind === "other") throw badSource(`${shown(entry)} is neither a file nor a directory`);
  return kind;
}

function shown(path: string): string {
  return Buffer.from(path, "latin1").toString("utf8");
}

function badSource(what: string, hint?: string): BuildError {
  const message = `cannot compute chunk hash: cannot compute hash: ${what}`;
  return new BuildError("bad-chunk-source", message, hint === undefined ? {} : { hint });
}
