/**
 * Actions for {@link State.file}. Each works on the result of the one before, the first on the state itself.
 * Contract: moby/buildkit v0.33.0: client/llb/fileop.go.
 */
import type { CopyAction, FileAction, FileInput, Owner, Timestamp } from "./op.ts";
import { cleanPath, joinDestination, joinPath } from "./paths.ts";
import type { State } from "./state.ts";

type MakeAction = (state: State, index: number) => FileAction;

interface CreateOptions {
  readonly owner?: Owner;
  readonly timestamp?: Timestamp;
}

export type CopyOptions = Partial<Omit<CopyAction, "kind" | "input" | "source" | "from" | "destination">>;

/** Copies `from` of another tree to `destination`; a relative `from` is taken from that tree's directory. */
export function copy(source: State, from: string, destination: string, options: CopyOptions = {}): MakeAction {
  return (state, index) => ({
    kind: "copy",
    input: inputOf(state, index),
    source: treeOf(source),
    from: joinPath(source.defaults.dir, cleanPath(from)),
    destination: joinDestination(state.defaults.dir, destination),
    owner: undefined,
    mode: { kind: "keep" },
    followSymlink: false,
    dirCopyContents: false,
    attemptUnpack: false,
    createDestPath: false,
    allowWildcard: false,
    allowEmptyWildcard: false,
    alwaysReplaceExistingDestPaths: false,
    includePatterns: [],
    excludePatterns: [],
    requiredPaths: [],
    timestamp: undefined,
    ...options,
  });
}

/** Writes a file, in a directory that has to be there; text is encoded as UTF-8. Of `mode`, the permissions count. */
export function mkfile(path: string, mode: number, data: Uint8Array | string, options: CreateOptions = {}): MakeAction {
  return (state, index) => ({
    kind: "mkfile",
    input: inputOf(state, index),
    path: joinPath(state.defaults.dir, path),
    mode: mode & 0o777,
    data: typeof data === "string" ? new TextEncoder().encode(data) : data,
    owner: options.owner,
    timestamp: options.timestamp,
  });
}

/** Makes a directory; with `parents` also those that it lies in, and none has to be new. */
export function mkdir(
  path: string,
  mode: number,
  options: CreateOptions & { readonly parents?: boolean } = {},
): MakeAction {
  return (state, index) => ({
    kind: "mkdir",
    input: inputOf(state, index),
    path: joinPath(state.defaults.dir, path),
    mode: mode & 0o777,
    makeParents: options.parents ?? false,
    owner: options.owner,
    timestamp: options.timestamp,
  });
}

/** Removes a file, or a directory with all that is in it. */
export function rm(
  path: string,
  options: { readonly allowNotFound?: boolean; readonly allowWildcard?: boolean } = {},
): MakeAction {
  return (state, index) => ({
    kind: "rm",
    input: inputOf(state, index),
    path: joinPath(state.defaults.dir, path),
    allowNotFound: options.allowNotFound ?? false,
    allowWildcard: options.allowWildcard ?? false,
  });
}

/** A symbolic link at `path` with the text `target`. Both are taken as they stand. */
export function symlink(target: string, path: string, options: CreateOptions = {}): MakeAction {
  return (state, index) => ({
    kind: "symlink",
    input: inputOf(state, index),
    target,
    path,
    owner: options.owner,
    timestamp: options.timestamp,
  });
}

function inputOf(state: State, index: number): FileInput {
  return index === 0 ? treeOf(state) : { kind: "action", index: index - 1 };
}

function treeOf(state: State): FileInput {
  return state.output === undefined ? { kind: "scratch" } : { kind: "output", output: state.output };
}
