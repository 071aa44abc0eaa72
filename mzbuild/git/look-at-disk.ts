/** Looks at the disk, with the few failures that are answers told from those that are errors. Paths are absolute. */
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  statSync,
} from "node:fs";
import { BuildError } from "../../llb/index.ts";
import type { DirectoryEntry, UnreadableReason } from "../source-tree.ts";
import { followLinks } from "./tree-links.ts";

/** What a symbolic link leads to in the end; `stats` are those of the file there. */
export type BehindLink =
  | { readonly status: "present"; readonly kind: "link"; readonly stats: Stats }
  | { readonly status: "unreadable"; readonly reason: UnreadableReason };

export function lookBehind(path: string): BehindLink {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return { status: "unreadable", reason: "dangling-link" };
    if (stats.isDirectory()) return { status: "unreadable", reason: "link-to-directory" };
    if (!stats.isFile()) return { status: "unreadable", reason: "special-file" };
    return { status: "present", kind: "link", stats };
  } catch (error) {
    return { status: "unreadable", reason: errorCode(error) === "ELOOP" ? "link-loop" : "no-permission" };
  }
}

/**
 * What has to be there for the link at `path` to lead to its file: the links on the way, itself left out, and the file. Paths are
 * relative to `root`; nothing for a link that leads out of it.
 */
export function behindLink(root: string, path: string): readonly string[] {
  const passed: string[] = [];
  const tree = {
    isFile: (inner: string) => lstat(`${root}/${inner}`)?.isFile() ?? false,
    isDirectory: (inner: string) => lstat(`${root}/${inner}`)?.isDirectory() ?? false,
    linkAt: (inner: string) => linkText(`${root}/${inner}`),
  };
  const followed = followLinks(tree, path, (link) => passed.push(link));
  return followed.kind === "file" ? [...passed.filter((link) => link !== path), followed.path] : [];
}

/** Undefined where no symbolic link is. */
export function linkText(path: string): string | undefined {
  return lstat(path)?.isSymbolicLink() ? readlinkSync(path) : undefined;
}

/** Undefined where no directory is. */
export function readDirectory(path: string): readonly DirectoryEntry[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true }).map((entry) => {
      if (entry.isFile()) return { name: entry.name, kind: "file" };
      if (entry.isDirectory()) return { name: entry.name, kind: "directory" };
      const target = entry.isSymbolicLink() ? statOrUndefined(`${path}/${entry.name}`) : undefined;
      return { name: entry.name, kind: target?.isFile() ? "file" : target?.isDirectory() ? "directory" : "other" };
    });
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw readError(path, error);
  }
}

/** Links are followed. A pipe has nothing in it: it would make us wait for somebody who writes. Throws what the disk throws. */
export function readWithoutWaiting(path: string): Uint8Array {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Undefined where nothing is. */
export function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (errorCode(error) === "ENOTDIR") return undefined;
    throw readError(path, error);
  }
}

function statOrUndefined(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A loop of links, or one that leads where we may not look: nothing that could be read.
    return undefined;
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export function readError(path: string, cause: unknown): BuildError {
  return new BuildError("unreadable-file", `cannot read ${path}: ${cause instanceof Error ? cause.message : cause}`, {
    ...(errorCode(cause) === "EACCES" ? { hint: "check the permissions of the file and its directories" } : {}),
    cause,
  });
}
