/**
 * git's view of the files of a work tree, from two processes that run side by side whatever the number of images:
 * what the index has, and what is untracked and not ignored.
 */
import { type GitOptions, runGit } from "./run-git.ts";

/** What the index says of a path beyond its name; only kept where it says something unusual. */
export type IndexNote =
  /** Not to be looked for in the work tree (skip-worktree, assume-unchanged): `blob` is its content's object id. */
  | { readonly kind: "held"; readonly blob: string; readonly mode: string }
  /** Not UTF-8; the path is only an approximation. */
  | { readonly kind: "not-utf8" };

export interface GitListing {
  /** Unsorted; a path may appear twice (unmerged ones). */
  readonly paths: readonly string[];
  /** Grows when nested repositories are listed. */
  readonly notes: Map<string, IndexNote>;
  /** Submodules and untracked repositories, without a trailing slash. */
  readonly nested: readonly string[];
}

/** Lists below `options.cwd`; paths are relative to it. */
export async function listFiles(options: GitOptions): Promise<GitListing> {
  const [index, others] = await Promise.all([
    runGit(["ls-files", "-z", "-v", "--stage"], options),
    runGit(["ls-files", "-z", "--others", "--exclude-standard"], options),
  ]);
  const paths: string[] = [];
  const nested: string[] = [];
  const notes = new Map<string, IndexNote>();
  for (const line of splitAtNul(index, notes)) {
    const entry = parseIndexLine(line);
    if (entry.mode === SUBMODULE) {
      nested.push(entry.path);
    } else if (isAtRootAndBlank(entry.path)) {
    } else {
      paths.push(entry.path);
      if (entry.held) notes.set(entry.path, { kind: "held", blob: entry.blob, mode: entry.mode });
    }
  }
  for (const path of splitAtNul(others, notes)) {
    if (path.endsWith("/")) nested.push(path.slice(0, -1));
    else if (!isAtRootAndBlank(path)) paths.push(path);
  }
  return { paths, notes, nested };
}

const SUBMODULE = "160000";

interface IndexLine {
  readonly path: string;
  readonly mode: string;
  readonly blob: string;
  readonly held: boolean;
}

/** `H 100644 OBJECT-ID STAGE<TAB>PATH`; the letter is S for skip-worktree, in lower case for assume-unchanged. */
function parseIndexLine(line: string): IndexLine {
  const tab = line.indexOf("\t");
  const tag = line.charCodeAt(0);
  return {
    path: line.slice(tab + 1),
    mode: line.slice(2, 8),
    blob: line.slice(9, tab - 2),
    held: tag === UPPER_S || tag >= LOWER_A,
  };
}

const UPPER_S = 0x53;
const LOWER_A = 0x61;

/** Dropped by the format: names of white space only (docs/format.md). They can only be files at the root. */
function isAtRootAndBlank(path: string): boolean {
  return /^[\s\x1c-\x1f\x85]*$/.test(path);
}

/** Texts between NULs; those that are not UTF-8 are noted under their approximate path. */
function splitAtNul(bytes: Uint8Array, notes: Map<string, IndexNote>): readonly string[] {
  try {
    const parts = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).split("\0");
    parts.pop();
    return parts;
  } catch {
    // Some path is not UTF-8: go through them one by one to find which.
    return splitBytesAtNul(bytes).map((part) => decodePath(part, notes));
  }
}

function splitBytesAtNul(bytes: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}

function decodePath(bytes: Uint8Array, notes: Map<string, IndexNote>): string {
  const text = Buffer.from(bytes).toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes)) notes.set(text.slice(text.indexOf("\t") + 1), { kind: "not-utf8" });
  return text;
}
