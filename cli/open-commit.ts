/** The repository as it was in a commit, beside that of the work tree. */
import { gitCommitTree, openRepository, type Repository } from "../mzbuild/index.ts";
import type { OpenRepository } from "./open-repository.ts";
import type { Terminal } from "./terminal.ts";

/** Throws `BuildError` "unknown-commit", and for anything that was wrong with the repository then. */
export function openCommit({ root }: OpenRepository, commit: string, { env, signal }: Terminal): Promise<Repository> {
  return openRepository(gitCommitTree(root.path, commit, { env, signal }));
}
