/** The repository inside BuildKit: a {@link SourceTree} of a listing with hashes, and a way to read the few files of metadata. */
import { posix } from "node:path";
import type { DirectoryEntry, FileStatus, HashedFile, ListedFile, SourceTree } from "../../mzbuild/index.ts";

const ABSENT: HashedFile = { status: "absent" };

/** `read` is asked only for files of the listing. */
export function contextTree(listing: readonly ListedFile[], read: (path: string) => Promise<Uint8Array>): SourceTree {
  const files = new Map(listing.map(({ path, file }) => [path, file]));
  const listed = new Map(listing.map((entry) => [entry.path, entry]));
  const contents = new Map<string, Promise<Uint8Array>>();
  const directories = directoriesOf(files.keys());
  const readOnce = (path: string) => {
    const known = contents.get(path) ?? read(path);
    contents.set(path, known);
    return known;
  };
  const readIfFile = async (path: string) => (files.get(path)?.status === "present" ? readOnce(path) : undefined);
  return {
    listFiles: async () => ({ paths: [...files.keys()], nested: [] }),
    listNested: async () => [],
    statFiles: async (paths) => paths.map((path) => statusOf(listed.get(path))),
    hashFiles: async (paths) => paths.map((path) => files.get(path) ?? ABSENT),
    readFiles: (paths) => Promise.all(paths.map(readIfFile)),
    readDirectories: async (paths) => paths.map((path) => directories.get(plain(path))),
  };
}

function statusOf(listed: ListedFile | undefined): FileStatus {
  if (listed === undefined) return { status: "absent" };
  const { file, behind } = listed;
  if (file.status !== "present") return file;
  return { status: "present", kind: file.kind, origin: "work-tree", ...(behind === undefined ? {} : { behind }) };
}

/** Declarations write directories in several ways: `./a`, `a/`, `.` for the root. */
function plain(directory: string): string {
  const normal = posix.normalize(directory).replace(/\/$/, "");
  return normal === "." ? "" : normal;
}

/** Directories that hold files, however deep; others don't matter to any question. */
function directoriesOf(paths: Iterable<string>): ReadonlyMap<string, readonly DirectoryEntry[]> {
  const directories = new Map<string, Map<string, DirectoryEntry>>([["", new Map()]]);
  for (const path of paths) {
    let child = path;
    let kind: DirectoryEntry["kind"] = "file";
    while (child !== "") {
      const slash = child.lastIndexOf("/");
      const parent = child.slice(0, Math.max(0, slash));
      const entries = directories.get(parent) ?? new Map<string, DirectoryEntry>();
      directories.set(parent, entries);
      const name = child.slice(slash + 1);
      if (entries.has(name)) break;
      entries.set(name, { name, kind });
      child = parent;
      kind = "directory";
    }
  }
  return new Map([...directories].map(([path, entries]) => [path, [...entries.values()]]));
}
