/** The files of a commit, from one `git ls-tree`. Paths are relative to the directory that git runs in, and below it. */
import { BuildError } from "../../llb/index.ts";
import type { FileKind } from "../source-tree.ts";
import { type GitOptions, runGit } from "./run-git.ts";

export interface CommitEntry {
  readonly kind: FileKind;
  /** Object id of the content; of a link, of the link's text. */
  readonly blob: string;
}

export interface CommitListing {
  readonly entries: ReadonlyMap<string, CommitEntry>;
  /** Submodules. */
  readonly submodules: readonly string[];
}

/** Throws `BuildError` "unknown-commit" for a name that git doesn't know, and as `runGit`. */
export async function listCommit(commit: string, options: GitOptions): Promise<CommitListing> {
  const id = await commitId(commit, options);
  const output = await runGit(["ls-tree", "-r", "-z", id], options);
  const entries = new Map<string, CommitEntry>();
  const submodules: string[] = [];
  const lines = Buffer.from(output).toString("utf8").split("\0");
  for (const line of lines.slice(0, -1)) {
    // `100644 blob OBJECT-ID<TAB>PATH`
    const tab = line.indexOf("\t");
    const [mode = "", , blob = ""] = line.slice(0, tab).split(" ");
    const path = line.slice(tab + 1);
    const kind = KINDS[mode];
    if (kind === undefined) submodules.push(path);
    else entries.set(path, { kind, blob });
  }
  return { entries, submodules };
}

/** The full id of the commit that a name stands for. Throws `BuildError` "unknown-commit". */
async function commitId(name: string, options: GitOptions): Promise<string> {
  try {
    const output = await runGit(["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`], options);
    return Buffer.from(output).toString("latin1").trim();
  } catch (cause) {
    if (!(cause instanceof BuildError) || cause.code !== "git-failed") throw cause;
    throw new BuildError("unknown-commit", `git knows no commit ${JSON.stringify(name)}`, {
      hint: "name a branch, a tag or a commit; in a shallow clone it may have to be fetched first",
      cause,
    });
  }
}

/** Other modes are submodules, and 100664 of repositories from git's first months. */
const KINDS: Readonly<Record<string, FileKind>> = {
  "100644": "file",
  "100664": "file",
  "100755": "executable",
  "120000": "link",
};
