/** What an image was made from when it had some fingerprint: from this machine's records, else from those of the registry. */
import { RegistryError } from "../../client/index.ts";
import { BuildError } from "../../llb/index.ts";
import { type Fingerprint, imageReference, type KeptInputs } from "../../mzbuild/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import { fullRepository, registryAccess } from "../registry-access.ts";
import type { Terminal } from "../terminal.ts";
import { keptInputs } from "./input-store.ts";
import { publishedInputs } from "./published-inputs.ts";

/** A fingerprint, alone or as the tag of a spec; undefined for what is none. */
export function fingerprintIn(text: string): Fingerprint | undefined {
  return /^(?:(?:.*:)?mzbuild-)?([A-Z2-7]{32})$/.exec(text)?.[1];
}

/**
 * By name, of the image and of those dependencies whose fingerprint is not that of `today`: what is equal needs no explaining.
 * Throws `BuildError` "unknown-fingerprint" where nobody has a record, with what a registry said that can't be asked.
 */
export async function findInputs(
  terminal: Terminal,
  open: OpenRepository,
  wanted: { readonly name: string; readonly fingerprint: Fingerprint },
  today: ReadonlyMap<string, Fingerprint>,
): Promise<ReadonlyMap<string, KeptInputs>> {
  const found = new Map<string, KeptInputs>();
  const fingerprints = new Map([[wanted.name, wanted.fingerprint]]);
  // A map's iteration sees what is added meanwhile.
  for (const [name, fingerprint] of fingerprints) {
    if (today.get(name) === fingerprint) continue;
    const inputs = (await keptInputs(terminal, fingerprint)) ?? (await fromRegistry(terminal, open, name, fingerprint));
    if (inputs === undefined || inputs instanceof RegistryError) throw unknown(open, name, fingerprint, inputs);
    found.set(name, inputs);
    for (const dependency of inputs.manifest.dependencies) fingerprints.set(dependency.name, dependency.fingerprint);
  }
  return found;
}

async function fromRegistry(
  terminal: Terminal,
  { naming }: OpenRepository,
  name: string,
  fingerprint: Fingerprint,
): Promise<KeptInputs | RegistryError | undefined> {
  if (naming.registry === "") return undefined;
  const warn = (text: string): void => void terminal.stderr.write(`warning: ${text}\n`);
  const client = await registryAccess(terminal, { warn, waitsMs: [1000, 2000] });
  try {
    return await publishedInputs(client, fullRepository(imageReference(naming, name)), fingerprint);
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
}

function unknown(
  { naming }: OpenRepository,
  name: string,
  fingerprint: Fingerprint,
  cause: RegistryError | undefined,
): BuildError {
  const where = naming.registry === "" ? "" : `, nor beside ${imageReference(naming, name)} in the registry`;
  return new BuildError(
    "unknown-fingerprint",
    `nothing is known of what ${name} was made from as ${fingerprint}: there is no record on this machine${where}`,
    { hint: "records are written where an image is built, and pushed with it; a commit can be named instead", cause },
  );
}
