/** Brings images under their specs into every registry that lacks them: from another one that has them, else built. */
import {
  copyImage,
  getManifest,
  type Manifest,
  putManifest,
  type RegistryClient,
  RegistryError,
} from "../../client/index.ts";
import { attachInputs } from "../inputs/published-inputs.ts";
import { eachLimited, REQUESTS_AT_ONCE } from "./each-limited.ts";
import { type Found, lookAt, type Place } from "./places.ts";

export interface PushedPlace {
  readonly place: Place;
  readonly action: "there" | "pushed" | "copied";
  readonly manifest: Manifest;
}

export interface BuiltPlace {
  readonly digest: string;
  readonly buildMs: number | undefined;
}

/** Builds the images of these places, and sends each into their repositories, without a tag. */
export type BuildMissing = (places: readonly Place[]) => Promise<ReadonlyMap<Place, BuiltPlace>>;

/** Throws `RegistryError`, and what `build` throws. `warn` hears of records that could not be written. */
export async function pushSpecs(
  client: RegistryClient,
  found: Found,
  { build, warn }: { readonly build: BuildMissing; readonly warn: (text: string) => void },
): Promise<readonly PushedPlace[]> {
  const places = [...found.keys()];
  const missing = places.filter((place) => !siblings(places, place).some((other) => found.get(other) !== undefined));
  const built = missing.length === 0 ? new Map<Place, BuiltPlace>() : await build(missing);
  return eachLimited(places, REQUESTS_AT_ONCE, async (place): Promise<PushedPlace> => {
    const { manifest, action } = await bring(client, place, { found, built, places });
    if (action !== "there") await attach(client, place, { manifest, buildMs: built.get(place)?.buildMs }, warn);
    return { place, manifest, action };
  });
}

interface Known {
  readonly found: Found;
  readonly built: ReadonlyMap<Place, BuiltPlace>;
  readonly places: readonly Place[];
}

async function bring(
  client: RegistryClient,
  place: Place,
  { found, built, places }: Known,
): Promise<Omit<PushedPlace, "place">> {
  const { repository, tag } = place;
  const there = found.get(place);
  if (there !== undefined) return { action: "there", manifest: await manifestAt(client, repository, there) };
  const made = built.get(place);
  if (made !== undefined) {
    const manifest = await manifestAt(client, repository, made.digest);
    return tagged(client, place, { action: "pushed", manifest });
  }
  for (const other of siblings(places, place)) {
    const digest = found.get(other) ?? built.get(other)?.digest;
    if (digest === undefined) continue;
    const manifest = await copyImage(client, other.repository, repository, digest);
    return tagged(client, place, { action: "copied", manifest });
  }
  // It was there when the daemon looked, a moment ago.
  const now = (await lookAt(client, [place])).get(place);
  if (now !== undefined) return { action: "there", manifest: await manifestAt(client, repository, now) };
  throw new RegistryError(`${place.name}:${tag} was there, and is there no more`, { isTransient: false });
}

/** Somebody else may have published the same fingerprint meanwhile: theirs then stays. */
async function tagged(
  client: RegistryClient,
  place: Place,
  result: Omit<PushedPlace, "place">,
): Promise<Omit<PushedPlace, "place">> {
  const there = (await lookAt(client, [place])).get(place);
  if (there === undefined) {
    await putManifest(client, place.repository, place.tag, result.manifest);
    return result;
  }
  return { action: "there", manifest: await manifestAt(client, place.repository, there) };
}

async function attach(
  client: RegistryClient,
  { repository, fingerprint, inputs, name }: Place,
  { manifest, buildMs }: { readonly manifest: Manifest; readonly buildMs: number | undefined },
  warn: (text: string) => void,
): Promise<void> {
  try {
    await attachInputs({
      client,
      repository,
      fingerprint,
      inputs: { ...inputs, buildMs },
      subject: manifest.descriptor,
    });
  } catch (error) {
    // The image is there, which is what counts.
    if (!(error instanceof RegistryError)) throw error;
    warn(`the record of ${name}'s inputs could not be written: ${error.message}`);
  }
}

/** The same image in other registries; and itself. */
function siblings(places: readonly Place[], { fingerprint, image }: Place): readonly Place[] {
  return places.filter((other) => other.fingerprint === fingerprint && other.image === image);
}

async function manifestAt(client: RegistryClient, repository: string, digest: string): Promise<Manifest> {
  const manifest = await getManifest(client, repository, digest);
  if (manifest !== undefined) return manifest;
  throw new RegistryError(`${repository}@${digest} is gone`, { isTransient: false });
}
