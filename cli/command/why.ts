/** `mzimage why`: which inputs make an image's fingerprint differ from what it was in a commit. docs/mzimage.md. */
import {
  compareBuildArgs,
  explainDifference,
  type ImageDifference,
  type InputDifference,
  type LastChange,
  lastChanges,
  type Repository,
} from "../../mzbuild/index.ts";
import { openCommit } from "../open-commit.ts";
import { openFromOptions, variantFromFlags } from "../open-repository.ts";
import type { GlobalOptions, VariantFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";

export type WhyFlags = VariantFlags & { readonly against: string; readonly json?: boolean };

/** One difference with what else is known of it. */
interface Cause {
  readonly difference: InputDifference;
  /** Of what a changed mzbuild.yml says. */
  readonly details: readonly string[];
  readonly change: LastChange | undefined;
}

interface Explained extends Omit<ImageDifference, "differences"> {
  readonly causes: readonly Cause[];
}

/** Throws `BuildError` "unknown-image", "unknown-commit", and for anything wrong with the repository, now or then. */
export async function why(terminal: Terminal, globals: GlobalOptions, flags: WhyFlags, name: string): Promise<void> {
  const open = await openFromOptions(terminal, globals, flags);
  open.repository.image(name);
  const then = await openCommit(open, flags.against, terminal);
  const [now, before] = await Promise.all([
    open.repository.manifests([name], open.variant),
    // Then, settings may have said another profile.
    then.manifests(then.images.has(name) ? [name] : [], variantFromFlags(terminal, flags, then.settings.profile)),
  ]);
  const images = explainDifference(name, before, now);
  const paths = images.flatMap(({ differences }) => differences.flatMap(pathOf));
  const changes = await lastChanges(paths, flags.against, { cwd: open.root.path, env: terminal.env });
  const explained = images.map(({ differences, ...image }) => ({
    ...image,
    causes: differences.map((difference) => causeOf(difference, image.image, { then, now: open.repository, changes })),
  }));
  terminal.stdout.write(flags.json ? asJson(name, flags, explained) : asText(name, flags, explained));
}

interface Evidence {
  readonly then: Repository;
  readonly now: Repository;
  readonly changes: ReadonlyMap<string, LastChange>;
}

function causeOf(difference: InputDifference, name: string, { then, now, changes }: Evidence): Cause {
  const [path] = pathOf(difference);
  const change = path === undefined ? undefined : changes.get(path);
  const [before, image] = [then.images.get(name), now.image(name)];
  if (path !== `${image.path}/mzbuild.yml` || before === undefined) return { difference, details: [], change };
  const details = compareBuildArgs(before, image).map((argument) => {
    const [was, is] = [argument.before, argument.now].map((value) => JSON.stringify(value) ?? "not given");
    return `build arg ${argument.name}: ${was} → ${is}`;
  });
  return { difference, details, change };
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

function causeLines({ difference, details, change }: Cause): readonly string[] {
  return [`    ${wordsFor(difference)}${changeWords(change)}`, ...details.map((detail) => `        ${detail}`)];
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
      return `${difference.path}: was ${kindWords[difference.before]}, is ${kindWords[difference.now]}`;
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

const kindWords = { file: "a file", executable: "executable", link: "a link" } as const;

function asJson(name: string, { against }: WhyFlags, images: readonly Explained[]): string {
  const entries = images.map(({ image, path, isNew, causes }) => ({
    image,
    path,
    new: isNew,
    differences: causes.map(({ difference, details, change }) => ({ ...difference, details, change })),
  }));
  return `${JSON.stringify({ image: name, against, equal: images.length === 0, images: entries }, undefined, 2)}\n`;
}
