/** Puts version tags on images that are there: an index of the platforms for each tag and registry. */
import {
  headManifest,
  imageIndex,
  type Manifest,
  nameOf,
  putManifest,
  type RegistryClient,
} from "../../client/index.ts";
import { BuildError } from "../../llb/index.ts";
import { platformOf, type VersionTag } from "../../mzbuild/index.ts";
import { eachLimited, REQUESTS_AT_ONCE } from "./each-limited.ts";
import type { PushedPlace } from "./push-specs.ts";

export interface TaggedPlace {
  readonly name: string;
  readonly repository: string;
  readonly tag: string;
  readonly action: "there" | "tagged" | "moved";
  readonly digest: string;
}

interface Intended extends VersionTag {
  readonly name: string;
  readonly repository: string;
  readonly index: Manifest;
  /** The digest that the tag has now. */
  readonly there: string | undefined;
}

/**
 * All tags are looked at before any is written. Throws `BuildError` "tag-taken" where one that may not move names other content, and
 * `RegistryError`.
 */
export async function pushTags(
  client: RegistryClient,
  places: readonly PushedPlace[],
  tags: ReadonlyMap<string, readonly VersionTag[]>,
): Promise<readonly TaggedPlace[]> {
  const wanted = intentions(places, tags);
  const looked = await eachLimited(wanted, REQUESTS_AT_ONCE, async (intended): Promise<Intended> => {
    return { ...intended, there: await headManifest(client, intended.repository, intended.tag) };
  });
  const taken = looked.filter(({ there, index, moves }) => !moves && isOther(there, index));
  const [first] = taken;
  if (first !== undefined) {
    const more = taken.length === 1 ? "" : `, and ${taken.length - 1} more tags like it`;
    throw new BuildError(
      "tag-taken",
      `${nameOf(first.name, first.tag)} names other content already (${first.there})${more}: nothing was tagged`,
      { hint: "what is published under a version stays; publish it under another" },
    );
  }
  const done: TaggedPlace[] = [];
  // Tags that stay first: when latest moves, the version that it means is there.
  for (const moves of [false, true]) {
    const batch = looked.filter((intended) => intended.moves === moves);
    done.push(...(await eachLimited(batch, REQUESTS_AT_ONCE, (intended) => tag(client, intended))));
  }
  return done;
}

async function tag(client: RegistryClient, { name, repository, tag, index, there }: Intended): Promise<TaggedPlace> {
  const { digest } = index.descriptor;
  if (there === digest) return { name, repository, tag, digest, action: "there" };
  await putManifest(client, repository, tag, index);
  return { name, repository, tag, digest, action: there === undefined ? "tagged" : "moved" };
}

function isOther(there: string | undefined, index: Manifest): boolean {
  return there !== undefined && there !== index.descriptor.digest;
}

function intentions(
  places: readonly PushedPlace[],
  tags: ReadonlyMap<string, readonly VersionTag[]>,
): readonly Omit<Intended, "there">[] {
  const byRepository = new Map<string, PushedPlace[]>();
  for (const pushed of places) {
    const { repository } = pushed.place;
    byRepository.set(repository, [...(byRepository.get(repository) ?? []), pushed]);
  }
  return [...byRepository.values()].flatMap((platforms) => {
    const [first] = platforms;
    if (first === undefined) return [];
    const { image, name, repository } = first.place;
    const index = imageIndex(
      platforms.map(({ place, manifest }) => ({ ...platformOf(place.variant.architecture), manifest })),
    );
    return (tags.get(image.name) ?? []).map((version) => ({ ...version, name, repository, index }));
  });
}
