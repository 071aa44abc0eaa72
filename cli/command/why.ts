/** `mzimage why`: which inputs make an image's fingerprint differ from what it was in a commit, or from another fingerprint. docs/mzimage.md. */
import {
  compareBuildArgs,
  crateOwners,
  explainDifference,
  type ImageDifference,
  type InputDifference,
  type LastChange,
  lastChanges,
  type Manifests,
  ownBuildArgs,
  type Repository,
} from "../../mzbuild/index.ts";
import { findInputs, fingerprintIn } from "../inputs/find-inputs.ts";
import { openCommit } from "../open-commit.ts";
import { type OpenRepository, openFromOptions, variantFromFlags } from "../open-repository.ts";
import type { GlobalOptions, VariantFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";

export type WhyFlags = VariantFlags & { readonly against: string; readonly json?: boolean };

/** One difference with what else is known of it. */
interface Cause {
  readonly difference: InputDifference;
  /** Of what a changed mzbuild.yml says. */
  readonly details: readonly string[];
  readonly change: LastChange | undefined;
  /** The package that the file belongs to. */
  readonly crate: string | undefined;
}

interface Explained extends Omit<ImageDifference, "differences"> {
  readonly causes: readonly Cause[];
}

/**
 * Throws `BuildError` "unknown-image", "unknown-commit", "unknown-fingerprint", and for anything wrong with the repository, now or then.
 */
export async function why(terminal: Terminal, globals: GlobalOptions, flags: WhyFlags, name: string): Promise<void> {
  const open = await openFromOptions(terminal, globals, flags);
  open.repository.image(name);
  const now = await open.repository.manifests([name], open.variant);
  const before = await stateThen(terminal, open, flags, { name, now });
  const images = explainDifference(name, before.manifests, now);
  const paths = images.flatMap(({ differences }) => differences.flatMap(pathOf));
  const { env, signal } = terminal;
  const changes = await lastChanges(paths, before.commit, { cwd: open.root.path, env, signal });
  const crates = crateOwners(open.repository);
  const explained = images.map(({ differences, ...image }) => ({
    ...image,
    causes: differences.map((difference) =>
      causeOf(difference, image.image, { before, now: open.repository, changes, crates }),
    ),
  }));
  terminal.stdout.write(flags.json ? asJson(name, flags, explained) : asText(name, flags, explained));
}

/** What is compared with. */
interface StateThen {
  readonly manifests: Manifests;
  readonly buildArgs: (name: string) => ReadonlyMap<string, string> | undefined;
  /** Undefined for a fingerprint, which may be of any commit, or of none. */
  readonly commit: string | undefined;
}

async function stateThen(
  terminal: Terminal,
  open: OpenRepository,
  flags: WhyFlags,
  { name, now }: { readonly name: string; readonly now: Manifests },
): Promise<StateThen> {
  const fingerprint = fingerprintIn(flags.against);
  if (fingerprint !== undefined) {
    const today = await open.repository.fingerprints([name], open.variant);
    const found = await findInputs(terminal, open, { name, fingerprint }, today);
    const kept = [...found].map(([image, { manifest }]) => [image, manifest] as const);
    // What has today's fingerprint has today's inputs.
    return {
      manifests: new Map([...now, ...kept]),
      buildArgs: (image) => found.get(image)?.buildArgs,
      commit: undefined,
    };
  }
  const then = await openCommit(open, flags.against, terminal);
  const buildArgs = (image: string) => {
    const known = then.images.get(image);
    return known === undefined ? undefined : ownBuildArgs(known);
  };
  // Then, settings may have said another profile.
  const variant = variantFromFlags(terminal, flags, then.settings.profile);
  const manifests = await then.manifests(then.images.has(name) ? [name] : [], variant);
  return { manifests, buildArgs, commit: flags.against };
}

interface Evidence {
  readonly before: StateThen;
  readonly now: Repository;
  readonly changes: ReadonlyMap<string, LastChange>;
  readonly crates: (path: string) => string | undefined;
}

function causeOf(difference: InputDifference, name: string, { before, now, changes, crates }: Evidence): Cause {
  const [path] = pathOf(difference);
  if (path === undefined) return { difference, details: [], change: undefined, crate: undefined };
  const [change, crate] = [changes.get(path), crates(path)];
  const [image, buildArgs] = [now.image(name), before.buildArgs(name)];
  if (path !== `${image.path}/mzbuild.yml` || buildArgs === undefined)
    return { difference, details: [], change, crate };
  const details = compareBuildArgs(buildArgs, ownBuildArgs(image)).map((argument) => {
    const [was, is] = [argument.before, argument.now].map((value) => JSON.stringify(value) ?? "not given");
    return `build arg ${argument.name}: ${was} → ${is}`;
  });
  return { difference, details, change, crate };
}

function pathOf(difference: InputDifference): readonly string[] {
  return "path" in difference ? [difference.path] : [];
}

function asText(name: string, { against }: WhyFlags, images: readonly Explained[]): string {
  if (images.length === 0) return `${name} is what it was in ${against}\n`;
  const blocks = images.map(({ path, isNew, causes }) => {
    const way = path.length === 1 ? name : `${name} (MZFROM ${path.slice(1).join(", MZFROM ")})`;
    const head = isNew ? `${way}: is not in ${against}` : `${way}:`;
    return [head, ...causes.flatMap(causeLines)].join("\n");
  });
  return `${blocks.join("\n")}\n`;
}

function causeLines({ difference, details, change, crate }: Cause): readonly string[] {
  const owner = crate === undefined ? "" : `, of crate ${crate}`;
  return [`    ${wordsFor(difference)}${owner}${changeWords(change)}`, ...details.map((detail) => `        ${detail}`)];
}

function changeWords(change: LastChange | undefined): string {
  if (change === undefined) return "";
  return change.kind === "not-committed" ? " (not committed)" : ` (${change.id} ${change.subject})`;
}

/** What differs, in words. */
function wordsFor(difference: InputDifference): string {
  switch (difference.kind) {
    case "file-added":
      return `${difference.path}: new`;
    case "file-removed":
      return `${difference.path}: gone`;
    case "content-changed":
      return `${difference.path}: changed`;
    case "mode-changed":
      return `${difference.path}: was ${KIND_WORDS[difference.before]}, is ${KIND_WORDS[difference.now]}`;
    case "dependency-added":
      return `MZFROM ${difference.name}: new`;
    case "dependency-removed":
      return `MZFROM ${difference.name}: gone`;
    case "dependency-changed":
      return `MZFROM ${difference.name}: has another fingerprint`;
    case "pre-image-changed":
      return `pre-image ${difference.index + 1}: ${JSON.stringify(difference.before)} → ${JSON.stringify(difference.now)}`;
    case "variant-changed":
      return `variant: ${difference.before} → ${difference.now}`;
  }
}

const KIND_WORDS = { file: "a file", executable: "executable", link: "a link" } as const;

function asJson(name: string, { against }: WhyFlags, images: readonly Explained[]): string {
  const entries = images.map(({ image, path, isNew, causes }) => ({
    image,
    path,
    new: isNew,
    differences: causes.map(({ difference, ...cause }) => ({ ...difference, ...cause })),
  }));
  return `${JSON.stringify({ image: name, against, equal: images.length === 0, images: entries }, undefined, 2)}\n`;
}
