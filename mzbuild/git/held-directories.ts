/** The part of a repository that git keeps from the disk (sparse checkouts), as directories, so that it can be looked through. */
import type { DirectoryEntry } from "../source-tree.ts";
import type { IndexNote } from "./list-files.ts";

/** What git keeps from the disk, by directory and by name. */
export type HeldDirectories = ReadonlyMap<string, ReadonlyMap<string, DirectoryEntry>>;

export function heldDirectories(notes: ReadonlyMap<string, IndexNote>): HeldDirectories {
  const directories = new Map<string, Map<string, DirectoryEntry>>();
  for (const [path, note] of notes) {
    let kind: DirectoryEntry["kind"] = "file";
    for (let child = path; note.kind === "held" && child !== ""; kind = "directory") {
      const parent = child.slice(0, Math.max(0, child.lastIndexOf("/")));
      const name = child.slice(parent === "" ? 0 : parent.length + 1);
      const siblings = directories.get(parent) ?? new Map<string, DirectoryEntry>();
      directories.set(parent, siblings.set(name, { name, kind }));
      child = parent;
    }
  }
  return directories;
}

/** A directory of the disk with what git keeps from it; what is on the disk as well is what it is there. */
export function withHeld(
  onDisk: readonly DirectoryEntry[] | undefined,
  held: ReadonlyMap<string, DirectoryEntry> | undefined,
): readonly DirectoryEntry[] | undefined {
  if (held === undefined) return onDisk;
  const merged = new Map([...held, ...(onDisk ?? []).map((entry) => [entry.name, entry] as const)]);
  return [...merged.values()];
}
