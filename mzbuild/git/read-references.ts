/** Where git stands: the commit that is checked out, and the names of its tags. */
import { type GitOptions, runGit } from "./run-git.ts";

/** The whole id. Throws as `runGit`: "git-failed" where nothing is committed. */
export async function headCommit(options: GitOptions): Promise<string> {
  return text(await runGit(["rev-parse", "--verify", "HEAD^{commit}"], options)).trim();
}

export async function gitTags(options: GitOptions): Promise<readonly string[]> {
  const lines = text(await runGit(["tag", "--list"], options)).split("\n");
  return lines.filter((line) => line !== "");
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
