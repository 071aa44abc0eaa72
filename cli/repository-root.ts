/** From the command line to a repository's place and to the names of its images, without opening it. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import {
  findRoot,
  gitTopLevel,
  type Naming,
  NO_SETTINGS,
  namingOf,
  type RepositoryRoot,
  type Settings,
} from "../mzbuild/index.ts";
import type { GlobalOptions, VariantFlags } from "./option-values.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** Where the repository is. Throws `UsageError` for `-C`, `BuildError` "no-root". */
export async function rootFromOptions(terminal: Terminal, globals: GlobalOptions): Promise<RepositoryRoot> {
  const { env } = terminal;
  const cwd = directoryFromOptions(terminal, globals);
  if (globals.C !== undefined && !(await isDirectory(cwd))) {
    throw new UsageError(`-C ${globals.C.join(" -C ")}: ${cwd} is no directory`, "name a directory of the repository");
  }
  const root = await findRoot(
    { cwd, env, option: globals.root },
    {
      exists: async (path) => existsSync(path),
      isDirectory,
      gitTopLevel: (directory) => gitTopLevel(directory, env),
    },
  );
  globals.onRoot?.(root.path);
  return root;
}

/** Where the command works: the current directory, changed by `-C`. */
export function directoryFromOptions({ cwd }: Pick<Terminal, "cwd">, { C }: GlobalOptions): string {
  return (C ?? []).reduce((directory, next) => resolve(directory, next), cwd);
}

/** What images are called. */
export function namingFromFlags({ env }: Pick<Terminal, "env">, flags: VariantFlags, settings: Settings): Naming {
  return namingOf(
    { registry: flags.imageRegistry, prefix: flags.imagePrefix },
    // Settings that name no registry are those of a repository whose images stay where they are built.
    { registry: settings === NO_SETTINGS ? undefined : (settings.registry ?? ""), prefix: settings.imagePrefix },
    env,
  );
}

async function isDirectory(path: string): Promise<boolean> {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
