/**
 * The entries of a tree that pass a filter, in the order of the wire, with hard links resolved to the first name.
 * Source: tonistiigi/fsutil v0.0.0-20260819142231: filter.go (Walk), stat_unix.go (setUnixOpt), hardlinks.go.
 */
import { errnoOf } from "../client-error.ts";
import type { PathFilter, Verdict } from "./path-filter.ts";
import { childPath, type SyncChild, type SyncEntry, type SyncTree } from "./sync-tree.ts";

export interface WalkedEntry {
  readonly path: string;
  readonly entry: SyncEntry;
  /** The path of the earlier entry that is the same file; undefined for the first name and for all but files. */
  readonly hardLinkTo: string | undefined;
}

interface Directory {
  readonly path: string;
  readonly verdict: Verdict | undefined;
  readonly children: readonly SyncChild[];
  next: number;
  /** A directory that the filter leaves out is still sent, as a parent, before the first entry kept below it. */
  sent: boolean;
}

/** Lazy, so that a consumer may stop, or pause to let bytes out. Throws what the tree throws. */
export function* walkTree(tree: SyncTree, filter: PathFilter): Generator<WalkedEntry, void, undefined> {
  const firstNames = new Map<string, string>();
  const open: Directory[] = [{ path: "", verdict: undefined, children: tree.list(""), next: 0, sent: true }];
  for (let directory = open.at(-1); directory !== undefined; directory = open.at(-1)) {
    const child = directory.children[directory.next++];
    if (child === undefined) {
      open.pop();
      continue;
    }
    const path = childPath(directory.path, child.name);
    const verdict = filter(path, child.isDirectory, directory.verdict);
    if (verdict.keep) {
      const entry = tree.stat(path);
      if (entry === undefined) continue;
      yield* unsentParents(tree, open);
      yield { path, entry, hardLinkTo: resolveHardLink(firstNames, path, entry) };
    }
    if (child.isDirectory && verdict.enter) {
      open.push({ path, verdict, children: listChildren(tree, path, verdict), next: 0, sent: verdict.keep });
    }
  }
}

function* unsentParents(tree: SyncTree, open: readonly Directory[]): Generator<WalkedEntry, void, undefined> {
  for (const directory of open) {
    if (directory.sent) continue;
    directory.sent = true;
    const entry = tree.stat(directory.path);
    if (entry !== undefined) yield { path: directory.path, entry, hardLinkTo: undefined };
  }
}

function listChildren(tree: SyncTree, path: string, verdict: Verdict): readonly SyncChild[] {
  try {
    return tree.list(path);
  } catch (error) {
    // What nobody asked for may be unreadable.
    if (!verdict.keep && (errnoOf(error) === "EACCES" || errnoOf(error) === "EPERM")) return [];
    throw error;
  }
}

function resolveHardLink(firstNames: Map<string, string>, path: string, entry: SyncEntry): string | undefined {
  if (entry.kind !== "file" || entry.identity === undefined) return undefined;
  const first = firstNames.get(entry.identity);
  if (first === undefined) firstNames.set(entry.identity, path);
  return first;
}
