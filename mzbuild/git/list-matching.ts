/** The files of some names, without a listing of all others. */
import { sortedPaths } from "../file-set.ts";
import { type GitOptions, runGit } from "./run-git.ts";

/**
 * Every path of the file set (docs/format.md, "What counts as a file") below `cwd` whose last part is one of `names`, relative to
 * `cwd`; tracked ones are among them even if they have been deleted. Throws as `runGit`.
 */
export async function listMatching(options: GitOptions, names: readonly string[]): Promise<readonly string[]> {
  const pathspecs = names.map((name) => `:(glob)**/${name}`);
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...pathspecs];
  const listed = new TextDecoder().decode(await runGit(args, options)).split("\0");
  return sortedPaths(listed.filter((path) => path !== ""));
}
