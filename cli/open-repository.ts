/** From the command line to a repository: its root, what of its images is meant, and what they are called. */
import { createHash } from "node:crypto";
import { access, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type Fingerprint,
  findRoot,
  gitTopLevel,
  gitWorkTree,
  hashCache,
  type Naming,
  NO_SETTINGS,
  namingOf,
  openRepository,
  type Profile,
  parseArchitecture,
  parseSanitizer,
  type Repository,
  type RepositoryRoot,
  type Settings,
  specOf,
  type Variant,
  variantOf,
} from "../mzbuild/index.ts";
import type { GlobalOptions, VariantFlags } from "./option-values.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface OpenRepository {
  readonly root: RepositoryRoot;
  readonly repository: Repository;
  readonly variant: Variant;
  readonly naming: Naming;
  readonly specOf: (name: string, fingerprint: Fingerprint) => string;
}

/** Throws `UsageError` for `-C`, `BuildError` for anything that is wrong with the root, the options, the environment or the repository. */
export async function openFromOptions(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: VariantFlags,
): Promise<OpenRepository> {
  return openAt(terminal, await rootFromOptions(terminal, globals), globals, flags);
}

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
      exists: (path) =>
        access(path).then(
          () => true,
          () => false,
        ),
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

/** Throws `BuildError` for anything that is wrong with the options, the environment or the repository. */
export async function openAt(
  terminal: Terminal,
  root: RepositoryRoot,
  globals: Pick<GlobalOptions, "atEnd">,
  flags: VariantFlags,
): Promise<OpenRepository> {
  const { env } = terminal;
  const hasher = hashCache({ file: hashCacheFile(terminal, root.path), startedMs: terminal.now() });
  globals.atEnd?.(() => hasher.save());
  const repository = await openRepository(gitWorkTree(root.path, { env, hasher }));
  const { settings } = repository;
  const naming = namingFromFlags(terminal, flags, settings);
  return {
    root,
    repository,
    variant: variantFromFlags(terminal, flags, settings.profile),
    naming,
    specOf: (name, fingerprint) => specOf(naming, name, fingerprint),
  };
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

function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** One file a checkout, where the user's caches are (https://specifications.freedesktop.org/basedir-spec). */
function hashCacheFile({ env, homeDir }: Terminal, root: string): string {
  const caches = env["XDG_CACHE_HOME"] || join(homeDir, ".cache");
  return join(caches, "mzbuild", "file-hashes", createHash("sha256").update(root).digest("hex").slice(0, 16));
}

/** What of the images is meant; `profile` is that of the repository's settings. Throws `BuildError` for unknown names. */
export function variantFromFlags(terminal: Terminal, flags: VariantFlags, profile: Profile | undefined): Variant {
  return variantOf(
    {
      profile: flags.dev ? "dev" : flags.optimized ? "optimized" : flags.release ? "release" : undefined,
      architecture: flags.arch === undefined ? undefined : parseArchitecture(flags.arch),
      coverage: flags.coverage,
      sanitizer: flags.sanitizer === undefined ? undefined : parseSanitizer(flags.sanitizer, "--sanitizer"),
    },
    { env: terminal.env, hostArchitecture: terminal.arch, profile },
  );
}
