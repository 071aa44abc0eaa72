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
  const notes = new Map<string, IndexNote>();
  const [index, others] = await Promise.all([listIndex(options, notes), listOthers(options, notes)]);
  return { paths: [...index.paths, ...others.paths], notes, nested: [...index.nested, ...others.nested] };
}

type Listed = Pick<GitListing, "paths" | "nested">;

/** From lines `H 100644 OBJECT-ID STAGE<TAB>PATH`; the letter is S for skip-worktree, in lower case for assume-unchanged. */
async function listIndex(options: GitOptions, notes: Map<string, IndexNote>): Promise<Listed> {
  const paths: string[] = [];
  const nested: string[] = [];
  const take = (output: Buffer, start: number, end: number): void => {
    const tab = output.indexOf(TAB, start);
    const path = decodePath(output, tab + 1, end, notes);
    // Among git's modes, only that of submodules begins so.
    if (output[start + 2] === DIGIT_1 && output[start + 3] === DIGIT_6) {
      nested.push(path);
    } else if (!isAtRootAndBlank(path)) {
      paths.push(path);
      const tag = output[start] ?? 0;
      if (tag !== UPPER_S && tag < LOWER_A) return;
      const [, mode = "", blob = ""] = output.toString("latin1", start, tab).split(" ");
      notes.set(path, { kind: "held", blob, mode });
    }
  };
  await runGit(["ls-files", "-z", "-v", "--stage"], options, atEachNul(take));
  return { paths, nested };
}

async function listOthers(options: GitOptions, notes: Map<string, IndexNote>): Promise<Listed> {
  const paths: string[] = [];
  const nested: string[] = [];
  const take = (output: Buffer, start: number, end: number): void => {
    const path = decodePath(output, start, end, notes);
    if (path.endsWith("/")) nested.push(path.slice(0, -1));
    else if (!isAtRootAndBlank(path)) paths.push(path);
  };
  await runGit(["ls-files", "-z", "--others", "--exclude-standard"], options, atEachNul(take));
  return { paths, nested };
}

const TAB = 0x09;
const DIGIT_1 = 0x31;
const DIGIT_6 = 0x36;
const UPPER_S = 0x53;
const LOWER_A = 0x61;

/** Dropped by the format: names of white space only (docs/format.md). They can only be files at the root. */
function isAtRootAndBlank(path: string): boolean {
  return /^[\s\x1c-\x1f\x85]*$/.test(path);
}

/** Calls `take` with the place of each text that a NUL ends, in output that comes in pieces. */
function atEachNul(take: (output: Buffer, start: number, end: number) => void): (piece: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (piece) => {
    const output = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = output.indexOf(0); end !== -1; end = output.indexOf(0, start)) {
      take(output, start, end);
      start = end + 1;
    }
    rest = output.subarray(start);
  };
}

/** A path that is not UTF-8 is noted under its approximation. */
function decodePath(output: Buffer, start: number, end: number, notes: Map<string, IndexNote>): string {
  const path = output.toString("utf8", start, end);
  if (path.includes("\ufffd") && !Buffer.from(path).equals(output.subarray(start, end))) {
    notes.set(path, { kind: "not-utf8" });
  }
  return path;
}
