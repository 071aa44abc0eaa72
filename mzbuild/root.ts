/**
 * Where the repository is: `--root`, `MZ_ROOT`, the nearest directory with a settings file, or the top of git's work tree, in this
 * order. docs/format.md, "The root".
 */
import { dirname, join, resolve } from "node:path";
import { BuildError } from "../llb/index.ts";
import { SETTINGS_FILE } from "./settings/settings.ts";
import type { Environment } from "./variant.ts";

/** What finding the root asks of the machine. Paths are absolute. */
export interface RootProbe {
  exists(path: string): Promise<boolean>;
  isDirectory(path: string): Promise<boolean>;
  /** The top of git's work tree around a directory, or undefined outside of one. */
  gitTopLevel(directory: string): Promise<string | undefined>;
}

export interface RootQuestion {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Environment;
  /** The value of `--root`, relative to `cwd`. */
  readonly option: string | undefined;
}

export interface RepositoryRoot {
  /** Absolute. */
  readonly path: string;
  readonly foundBy: "--root" | "MZ_ROOT" | "settings" | "git";
}

/** Throws `BuildError` "no-root" where nothing marks one, "bad-root" where what was named is no directory. */
export async function findRoot({ cwd, env, option }: RootQuestion, probe: RootProbe): Promise<RepositoryRoot> {
  if (option !== undefined) return named(resolve(cwd, option), "--root", probe);
  const variable = env["MZ_ROOT"];
  if (variable !== undefined && variable !== "") return named(resolve(cwd, variable), "MZ_ROOT", probe);
  const marked = await nearestWithSettings(cwd, probe);
  if (marked !== undefined) return { path: marked, foundBy: "settings" };
  const top = await probe.gitTopLevel(cwd);
  if (top !== undefined) return { path: top, foundBy: "git" };
  throw new BuildError(
    "no-root",
    `${cwd} is in no repository: there is no ${SETTINGS_FILE} in it or above, and git knows none`,
    {
      hint: "change into the repository, or name it with --root or MZ_ROOT",
    },
  );
}

async function named(path: string, foundBy: "--root" | "MZ_ROOT", probe: RootProbe): Promise<RepositoryRoot> {
  if (await probe.isDirectory(path)) return { path, foundBy };
  throw new BuildError("bad-root", `${foundBy} names ${path}, which is no directory`, {
    hint: "name the repository's root",
  });
}

async function nearestWithSettings(cwd: string, probe: RootProbe): Promise<string | undefined> {
  for (let directory = cwd; ; directory = dirname(directory)) {
    if (await probe.exists(join(directory, SETTINGS_FILE))) return directory;
    if (dirname(directory) === directory) return undefined;
  }
}
