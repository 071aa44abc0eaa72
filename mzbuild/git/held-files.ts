/**
 * Symbolic links where git keeps a part of the files from the disk (sparse checkouts): they are followed as in a full checkout, through
 * what is on the disk and what is only in the index.
 */
import type { FileKind, UnreadableReason } from "../source-tree.ts";
import { type HeldDirectories, heldDirectories } from "./held-directories.ts";
import type { IndexNote } from "./list-files.ts";
import { linkText, lstat } from "./look-at-disk.ts";
import { readBlobs } from "./read-blobs.ts";
import type { GitOptions } from "./run-git.ts";
import { followLinks } from "./tree-links.ts";

export interface HeldFiles {
  readonly directories: HeldDirectories;
  /** A file that is only in the index; undefined for all others, and for links. */
  readonly fileAt: (path: string) => HeldFile | undefined;
  /** Where a link leads to that the disk alone can't follow. */
  readonly follow: (link: string) => HeldLink | UnreadableReason;
}

export interface HeldLink {
  /** The file, which may be on the disk. */
  readonly target: string;
  /** The first on the way to it that is not on the disk: the link, another one, or the target. */
  readonly missing: string;
}

export interface HeldFile {
  readonly kind: FileKind;
  readonly blob: string;
}

/** `root` is absolute; `notes` are those of its listing. Nothing is asked of git where no link is kept from the disk. */
export async function heldFiles(
  root: string,
  notes: ReadonlyMap<string, IndexNote>,
  git: GitOptions,
): Promise<HeldFiles> {
  const links = [...notes].flatMap(([path, note]) =>
    note.kind === "held" && note.mode === INDEX_LINK ? [{ path, blob: note.blob }] : [],
  );
  const texts = await readBlobs(
    links.map(({ blob }) => blob),
    git,
  );
  const targets = new Map(links.map(({ path }, index) => [path, Buffer.from(texts[index] ?? []).toString()]));
  const directories = heldDirectories(notes);
  const onDisk = (path: string) => lstat(`${root}/${path}`);
  const fileAt = (path: string): HeldFile | undefined => {
    const note = notes.get(path);
    if (note?.kind !== "held" || targets.has(path)) return undefined;
    return { kind: note.mode === INDEX_EXECUTABLE ? "executable" : "file", blob: note.blob };
  };
  const tree = {
    isFile: (path: string) => onDisk(path)?.isFile() ?? fileAt(path) !== undefined,
    isDirectory: (path: string) => onDisk(path)?.isDirectory() ?? directories.has(path),
    linkAt: (path: string) => (onDisk(path) === undefined ? targets.get(path) : linkText(`${root}/${path}`)),
  };
  const follow = (link: string): HeldLink | UnreadableReason => {
    const passed: string[] = [];
    const followed = followLinks(tree, link, (next) => passed.push(next));
    switch (followed.kind) {
      case "file":
        return {
          target: followed.path,
          missing: passed.find((path) => onDisk(path) === undefined) ?? followed.path,
        };
      case "directory":
        return "link-to-directory";
      case "loop":
        return "link-loop";
      case "nothing":
        return "dangling-link";
    }
  };
  return { directories, fileAt, follow };
}

const INDEX_LINK = "120000";
const INDEX_EXECUTABLE = "100755";
