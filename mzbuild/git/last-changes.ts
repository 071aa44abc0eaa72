/** Which commit changed files last, since another commit or ever. */
import { type GitOptions, runGit } from "./run-git.ts";

export type LastChange =
  | { readonly kind: "commit"; readonly id: string; readonly subject: string; readonly author: string }
  | { readonly kind: "not-committed" };

/**
 * By path, relative to the directory that git runs in; what neither a commit since then nor the work tree has changed is missing.
 * Without `since`, since ever. Throws as `runGit`.
 */
export async function lastChanges(
  paths: readonly string[],
  since: string | undefined,
  options: GitOptions,
): Promise<ReadonlyMap<string, LastChange>> {
  if (paths.length === 0) return new Map();
  const git = { ...options, env: { ...options.env, GIT_LITERAL_PATHSPECS: "1" } };
  // Beyond what a command line holds, all of the history is read instead.
  const named = paths.length > MAX_NAMED ? [] : ["--", ...paths];
  const format = `--format=${COMMIT_MARK}%h%x00%an%x00%s`;
  const [log, tracked, untracked] = await Promise.all([
    runGit(
      [
        "log",
        "--no-show-signature",
        "-z",
        "--relative",
        "--name-only",
        "--no-renames",
        format,
        since === undefined ? "HEAD" : `${since}..HEAD`,
        ...named,
      ],
      git,
    ),
    runGit(["diff", "-z", "--relative", "--name-only", "--no-renames", "HEAD", ...named], git),
    runGit(["ls-files", "-z", "--others", "--exclude-standard", ...named], git),
  ]);
  const changes = new Map<string, LastChange>();
  for (const path of [...split(tracked), ...split(untracked)]) changes.set(path, { kind: "not-committed" });
  // Newest first, so that the first commit which names a path is the last one that changed it.
  for (const entry of Buffer.from(log).toString("utf8").split(COMMIT_MARK).slice(1)) {
    const [id = "", author = "", subject = "", ...changed] = entry.split("\0");
    for (const text of changed) {
      const path = text.replace(/^\n/, "");
      if (path !== "" && !changes.has(path)) changes.set(path, { kind: "commit", id, author, subject });
    }
  }
  return changes;
}

const MAX_NAMED = 500;
/** In no name of an author and no subject. */
const COMMIT_MARK = "\u0001";

function split(bytes: Uint8Array): readonly string[] {
  return Buffer.from(bytes)
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "");
}
