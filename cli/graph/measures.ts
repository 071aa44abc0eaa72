/** How large images are, and how long they took to build, as far as anybody has kept it. */
import { getManifest, type ManifestContent, type RegistryClient, RegistryError } from "../../client/index.ts";
import type { Fingerprint, Plan } from "../../mzbuild/index.ts";
import { keptInputs } from "../inputs/input-store.ts";
import { publishedInputs } from "../inputs/published-inputs.ts";
import type { OpenRepository } from "../open-repository.ts";
import { eachLimited, REQUESTS_AT_ONCE } from "../publish/each-limited.ts";
import { fullRepository, registryAccess } from "../registry-access.ts";
import type { Terminal } from "../terminal.ts";
import type { GraphMeasures } from "./graph-facts.ts";

/** By name. Where `plan` says that a registry has an image, that is asked; one that doesn't answer is warned about. */
export async function measuresOf(
  terminal: Terminal,
  { naming }: OpenRepository,
  fingerprints: ReadonlyMap<string, Fingerprint>,
  plan: Plan,
): Promise<ReadonlyMap<string, GraphMeasures>> {
  const there = new Map(plan.steps.flatMap((step) => (step.kind === "reuse" ? [[step.image.name, step.spec]] : [])));
  const warn = (text: string): void => void terminal.stderr.write(`warning: ${text}\n`);
  const client = there.size === 0 ? undefined : await registryAccess(terminal, { warn, waitsMs: [1000] });
  let answers = naming.registry !== "";
  const measured = await eachLimited([...fingerprints], REQUESTS_AT_ONCE, async ([name, fingerprint]) => {
    const kept = await keptInputs(terminal, fingerprint);
    const spec = there.get(name);
    if (client === undefined || spec === undefined || !answers) return [name, { buildMs: kept?.buildMs }] as const;
    const image = fullRepository(spec.slice(0, spec.lastIndexOf(":")));
    try {
      const inputs = kept?.buildMs === undefined ? await publishedInputs(client, image, fingerprint) : kept;
      const sizeBytes = await sizeOf(client, image, `mzbuild-${fingerprint}`);
      return [name, { buildMs: inputs?.buildMs, sizeBytes }] as const;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (answers) warn(`sizes can't be had: ${error.message}`);
      answers = false;
      return [name, { buildMs: kept?.buildMs }] as const;
    }
  });
  return new Map(measured);
}

/** Of the compressed layers, and the config. */
async function sizeOf(client: RegistryClient, repository: string, reference: string): Promise<number | undefined> {
  const content = (await getManifest(client, repository, reference))?.content;
  // With attestations, the image is the entry of the index that is for a platform.
  const image = content?.manifests?.find(({ platform }) => platform?.["os"] === "linux");
  const own = image === undefined ? content : (await getManifest(client, repository, image.digest))?.content;
  return own === undefined ? undefined : sumOf(own);
}

function sumOf({ config, layers = [] }: ManifestContent): number {
  return [...(config === undefined ? [] : [config]), ...layers].reduce((sum, { size }) => sum + size, 0);
}
