/** The environment that git runs with: where hooks set `GIT_DIR` alone, git takes every directory for the top of the work tree. */
import { readFileSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * With `GIT_WORK_TREE` where `GIT_DIR` names the very repository that `cwd` lies in, as in hooks of work trees: so the answers are the
 * same in all of its directories. `cwd` is absolute. Any other environment stays as it is.
 */
export function gitEnvironment(env: Environment, cwd: string): Environment {
  const { GIT_DIR: given, GIT_WORK_TREE: workTree } = env;
  if (given === undefined || given === "" || workTree !== undefined) return env;
  for (let directory = cwd; ; directory = dirname(directory)) {
    const found = gitDirectoryAt(directory);
    if (found !== undefined) {
      return found === realPath(resolve(cwd, given)) ? { ...env, GIT_WORK_TREE: directory } : env;
    }
    if (directory === dirname(directory)) return env;
  }
}

/** The real path of what `.git` in a directory is, or names. */
function gitDirectoryAt(directory: string): string | undefined {
  const git = resolve(directory, ".git");
  try {
    const named = /^gitdir: (.*)/.exec(readFileSync(git, "utf8"))?.[1];
    return named === undefined ? undefined : realPath(resolve(directory, named));
  } catch {
    // No such file, or a directory.
    return realPath(git);
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
