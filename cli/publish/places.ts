/** Where the images of a publication belong, and what is there. */
import { headManifest, type RegistryClient } from "../../client/index.ts";
import {
  type Fingerprint,
  type Image,
  imageReference,
  type KeptInputs,
  ownBuildArgs,
  type Variant,
} from "../../mzbuild/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import { fullRepository } from "../registry-access.ts";
import { eachLimited, REQUESTS_AT_ONCE } from "./each-limited.ts";
import type { Publication } from "./publication.ts";

/** One image of one platform in one registry. */
export interface Place {
  readonly image: Image;
  readonly variant: Variant;
  readonly fingerprint: Fingerprint;
  readonly inputs: KeptInputs;
  /** As the registry's name is written. */
  readonly name: string;
  /** In full. */
  readonly repository: string;
  /** `mzbuild-FINGERPRINT` */
  readonly tag: string;
}

/** What is in a registry under the spec: its digest. Undefined for nothing. */
export type Found = ReadonlyMap<Place, string | undefined>;

export async function placesOf(
  { repository }: OpenRepository,
  { images, registries }: Publication,
  variants: readonly Variant[],
): Promise<readonly Place[]> {
  const names = images.map(({ name }) => name);
  const perVariant = await Promise.all(
    variants.map(async (variant) => {
      const [fingerprints, manifests] = [
        await repository.fingerprints(names, variant),
        await repository.manifests(names, variant),
      ];
      return images.flatMap((image): readonly Place[] => {
        const [fingerprint, manifest] = [fingerprints.get(image.name), manifests.get(image.name)];
        if (fingerprint === undefined || manifest === undefined) return [];
        const inputs = { manifest, buildArgs: ownBuildArgs(image) };
        return registries.map((naming) => {
          const name = imageReference(naming, image.name);
          const tag = `mzbuild-${fingerprint}`;
          return { image, variant, fingerprint, inputs, name, repository: fullRepository(name), tag };
        });
      });
    }),
  );
  return perVariant.flat();
}

/** Asks all registries. Throws `RegistryError` where one can't be asked. */
export async function lookAt(client: RegistryClient, places: readonly Place[]): Promise<Found> {
  const digests = await eachLimited(places, REQUESTS_AT_ONCE, ({ repository, tag }) =>
    headManifest(client, repository, tag),
  );
  return new Map(places.map((place, index) => [place, digests[index]]));
}
