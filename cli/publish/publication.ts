/** What a `mzimage publish` is about, before anybody is asked: images, registries, tags. */
import {
  crateVersion,
  gitTags,
  headCommit,
  type Image,
  type Naming,
  NO_SETTINGS,
  type Occasion,
  selectImages,
  takesVersionTags,
  type VersionTag,
  versionTags,
} from "../../mzbuild/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { PublishFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

export interface Publication {
  /** All that are pushed, dependencies first: the selected ones and what they are built from, where it is published. */
  readonly images: readonly Image[];
  readonly registries: readonly Naming[];
  /** By image. */
  readonly tags: ReadonlyMap<string, readonly VersionTag[]>;
}

/** Throws `UsageError`, and `BuildError` for names, versions, or a git that is asked in vain. */
export async function publicationOf(
  terminal: Terminal,
  open: OpenRepository,
  flags: PublishFlags,
  names: readonly string[],
): Promise<Publication> {
  const { repository } = open;
  const occasion = await occasionOf(terminal, open, flags);
  const isPublished = (image: Image): boolean =>
    image.publish && (occasion === undefined || takesVersionTags(image, occasion));
  const everything = names.length === 0 || flags.all === true;
  const selected = everything
    ? [...repository.images.values()].filter(isPublished).map(({ name }) => name)
    : selectImages(repository.images, { names });
  for (const name of selected) {
    if (repository.image(name).publish) continue;
    throw new UsageError(`${name} has publish: false in its mzbuild.yml`, "leave it out, or let it be published");
  }
  // As the original has it: what the selected ones are built from gets the same tags, main line or not.
  const images = repository.resolve(selected).filter(({ publish }) => publish);
  const tags = [...(occasion === undefined ? [] : versionTags(occasion)), ...givenTags(flags)];
  return { images, registries: registriesOf(open, flags), tags: new Map(images.map(({ name }) => [name, tags])) };
}

function givenTags({ tag = [], moveTag = [] }: PublishFlags): readonly VersionTag[] {
  const tags = [
    ...tag.map((name) => ({ tag: name, moves: false })),
    ...moveTag.map((name) => ({ tag: name, moves: true })),
  ];
  for (const { tag: name } of tags) {
    if (/^\w[\w.-]{0,127}$/.test(name) && !name.startsWith("mzbuild-")) continue;
    throw new UsageError(`--tag ${name}: no tag that images can have`, "letters, digits, dots, dashes, underscores");
  }
  return tags;
}

async function occasionOf(
  terminal: Terminal,
  open: OpenRepository,
  flags: PublishFlags,
): Promise<Occasion | undefined> {
  const { tagRelease: release, tagMain: main, tagPullRequest: pullRequest } = flags;
  if ([release, main, pullRequest].filter((flag) => flag !== undefined && flag !== false).length > 1) {
    throw new UsageError("--tag-release, --tag-main and --tag-pull-request exclude each other", "choose one");
  }
  const git = { cwd: open.root.path, env: terminal.env };
  if (release !== undefined && release !== false) {
    const version = release === true ? terminal.env["BUILDKITE_TAG"] : release;
    if (!version)
      throw new UsageError("--tag-release: which one?", "name it: --tag-release=v1.2.3; or set BUILDKITE_TAG");
    return { kind: "release", version, gitTags: await gitTags(git) };
  }
  if (!main && !pullRequest) return undefined;
  const { settings, workspace } = open.repository;
  const crate = settings.publish.versionCrate ?? DEFAULT_VERSION_CRATE;
  const version = flags.appVersion ?? crateVersion(workspace, crate);
  const commit = await headCommit(git);
  if (main) return { kind: "main", version, commit };
  return { kind: "pull-request", version, commit, sanitizer: open.variant.sanitizer };
}

/** What the format has for repositories that say nothing. docs/format.md, "Version tags". */
const DEFAULT_VERSION_CRATE = "mz-environmentd";
const DEFAULT_REGISTRIES = ["materialize", "ghcr.io/materializeinc/materialize"];

/** Options, settings, what the format has; in this order. */
function registriesOf({ repository: { settings }, naming }: OpenRepository, flags: PublishFlags): readonly Naming[] {
  const named =
    flags.to ??
    (flags.imageRegistry !== undefined
      ? [flags.imageRegistry]
      : settings === NO_SETTINGS
        ? DEFAULT_REGISTRIES
        : settings.publish.registries.length > 0
          ? settings.publish.registries
          : [naming.registry]);
  if (named.some((registry) => registry === "")) {
    throw new UsageError("there is no registry to publish to", "name it: --to REGISTRY, or registry in the settings");
  }
  return [...new Set(named)].map((registry) => ({ ...naming, registry }));
}
