/**
 * `mzimage publish`: images under their fingerprints in all registries, version tags on them, descriptions for Docker Hub.
 * docs/mzimage.md, "publish".
 */
import { BuildError, formatPlatform } from "../../llb/index.ts";
import { platformOf, specOf, type Variant } from "../../mzbuild/index.ts";
import { checkNamedBuildArgs } from "../build/build-args.ts";
import { variantsFor } from "../build/platforms.ts";
import { type OpenRepository, openFromOptions } from "../open-repository.ts";
import type { GlobalOptions, PublishFlags } from "../option-values.ts";
import { buildMissing } from "../publish/build-missing.ts";
import { type Descriptions, planDescriptions, sendDescriptions } from "../publish/descriptions.ts";
import { type Found, lookAt, type Place, placesOf } from "../publish/places.ts";
import { type Publication, publicationOf } from "../publish/publication.ts";
import { pushSpecs } from "../publish/push-specs.ts";
import { pushTags } from "../publish/push-tags.ts";
import { registryAccess } from "../registry-access.ts";
import type { Terminal } from "../terminal.ts";

/** One name in one registry, as `--json` tells of it. */
export interface Published {
  /** `REGISTRY/NAME:TAG` */
  readonly reference: string;
  readonly image: string;
  /** Of what has a fingerprint in its name; version tags are for all. */
  readonly platform?: string;
  readonly action: "there" | "pushed" | "copied" | "tagged" | "moved" | "would push" | "would copy" | "would tag";
  /** Of the manifest or index; unknown for what is not there yet. */
  readonly digest?: string;
}

/** Throws `UsageError`, `BuildError` "tag-taken" and "image-not-published", `RegistryError`, and as `buildImages` does. */
export async function publish(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: PublishFlags,
  names: readonly string[],
): Promise<void> {
  checkNamedBuildArgs(flags.buildArg);
  const opened = await openFromOptions(terminal, globals, flags);
  const publication = await publicationOf(terminal, opened, flags, names);
  // The daemon looks where the images go first.
  const [naming = opened.naming] = publication.registries;
  const open = { ...opened, naming, specOf: (name: string, print: string) => specOf(naming, name, print) };
  const descriptions = flags.descriptions === undefined ? undefined : await planDescriptions(open, publication);
  const warn = (text: string): void => void terminal.stderr.write(`warning: ${text}\n`);
  const client = await registryAccess(terminal, { warn });
  const found = await lookAt(client, await placesOf(open, publication, platformsOf(open, flags)));
  if (flags.dryRun) {
    report(terminal, flags, intended(found, publication));
  } else {
    if (flags.build === false) checkAllThere(found);
    const pushed = await pushSpecs(client, found, {
      build: (places) => buildMissing({ terminal, open, flags }, places),
      warn,
    });
    const tagged = await pushTags(client, pushed, publication.tags);
    report(terminal, flags, [
      ...pushed.map(({ place, action, manifest }) => ({
        ...factsOf(place),
        action,
        digest: manifest.descriptor.digest,
      })),
      ...tagged.map(({ name, tag, action, digest }) => ({
        reference: `${name}:${tag}`,
        image: imageAt(found, name),
        action,
        digest,
      })),
    ]);
  }
  if (descriptions !== undefined) await describe(terminal, flags, descriptions);
}

const DEFAULT_PLATFORMS = ["linux/amd64,linux/arm64"];

function platformsOf({ variant }: OpenRepository, { platform, arch }: PublishFlags): readonly Variant[] {
  return variantsFor(variant, platform ?? (arch === undefined ? DEFAULT_PLATFORMS : undefined));
}

function factsOf({ name, tag, image, variant }: Place): Pick<Published, "reference" | "image" | "platform"> {
  const platform = formatPlatform(platformOf(variant.architecture));
  return { reference: `${name}:${tag}`, image: image.name, platform };
}

function imageAt(found: Found, name: string): string {
  return [...found.keys()].find((place) => place.name === name)?.image.name ?? name;
}

/** For the job that puts tags on what other jobs have built. */
function checkAllThere(found: Found): void {
  const places = [...found.keys()];
  const missing = places.filter((place) => !places.some((other) => other.tag === place.tag && found.get(other)));
  const [first] = missing;
  if (first === undefined) return;
  const more = missing.length === 1 ? "" : `, and ${missing.length - 1} more`;
  throw new BuildError("image-not-published", `${first.name}:${first.tag} is in no registry${more}`, {
    hint: "with --no-build nothing is built: `mzimage ensure` on each platform comes first",
  });
}

function intended(found: Found, { tags }: Publication): readonly Published[] {
  const places = [...found.keys()];
  const specs = places.map((place): Published => {
    const digest = found.get(place);
    if (digest !== undefined) return { ...factsOf(place), action: "there", digest };
    const elsewhere = places.some((other) => other.tag === place.tag && found.get(other) !== undefined);
    return { ...factsOf(place), action: elsewhere ? "would copy" : "would push" };
  });
  const images = new Map(places.map(({ name, image }) => [name, image.name]));
  const versions = [...images].flatMap(([name, image]) =>
    (tags.get(image) ?? []).map(({ tag }): Published => ({ reference: `${name}:${tag}`, image, action: "would tag" })),
  );
  return [...specs, ...versions];
}

function report({ stdout }: Terminal, { json }: PublishFlags, published: readonly Published[]): void {
  if (json) stdout.write(`${JSON.stringify(published, undefined, 2)}\n`);
  else for (const { action, reference, digest } of published) stdout.write(line(action, reference, digest));
}

function line(action: string, reference: string, digest: string | undefined): string {
  return `${action.padEnd(10)}  ${reference}${digest === undefined ? "" : `  ${digest}`}\n`;
}

async function describe(terminal: Terminal, flags: PublishFlags, descriptions: Descriptions): Promise<void> {
  const send = flags.descriptions === "send" && !flags.dryRun;
  const out = flags.json ? terminal.stderr : terminal.stdout;
  for (const { repository, action } of await sendDescriptions(terminal, descriptions, { send })) {
    out.write(line(action, `https://hub.docker.com/r/${repository}`, undefined));
  }
}
