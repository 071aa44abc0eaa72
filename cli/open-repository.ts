/** From the command line to a repository: its root, what of its images is meant, and what they are called. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  type Fingerprint,
  gitWorkTree,
  hashCache,
  type Naming,
  openRepository,
  type Profile,
  parseArchitecture,
  parseSanitizer,
  type Repository,
  type RepositoryRoot,
  specOf,
  type Variant,
  variantOf,
} from "../mzbuild/index.ts";
import type { GlobalOptions, VariantFlags } from "./option-values.ts";
import { namingFromFlags, rootFromOptions } from "./repository-root.ts";
import type { Terminal } from "./terminal.ts";

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
  onUnknown?: Parameters<typeof openRepository>[1],
): Promise<OpenRepository> {
  return openAt(terminal, await rootFromOptions(terminal, globals), globals, flags, onUnknown);
}

/** Throws `BuildError` for anything that is wrong with the options, the environment or the repository. */
export async function openAt(
  terminal: Terminal,
  root: RepositoryRoot,
  globals: Pick<GlobalOptions, "atEnd">,
  flags: VariantFlags,
  onUnknown?: Parameters<typeof openRepository>[1],
): Promise<OpenRepository> {
  const { env, signal } = terminal;
  const hasher = hashCache({ file: hashCacheFile(terminal, root.path), startedMs: terminal.now() });
  globals.atEnd?.(() => hasher.save());
  const repository = await openRepository(gitWorkTree(root.path, { env, hasher, signal }), onUnknown);
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
