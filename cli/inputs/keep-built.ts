/** Keeps what images were made from, when they have been built. */
import { type Fingerprint, type KeptInputs, ownBuildArgs, type Repository, type Variant } from "../../mzbuild/index.ts";
import type { StepClock } from "../build/step-clock.ts";
import type { Terminal } from "../terminal.ts";
import { keepInputs } from "./input-store.ts";

export async function keepBuilt(
  terminal: Terminal,
  repository: Repository,
  built: readonly { readonly names: readonly string[]; readonly variant: Variant }[],
  clock: StepClock,
): Promise<void> {
  const records = new Map<Fingerprint, KeptInputs>();
  for (const { names, variant } of built) {
    for (const [fingerprint, inputs] of await inputsOf(repository, names, variant, clock))
      records.set(fingerprint, inputs);
  }
  await keepInputs(terminal, records);
}

/** By fingerprint. */
export async function inputsOf(
  repository: Repository,
  names: readonly string[],
  variant: Variant,
  clock?: StepClock,
): Promise<ReadonlyMap<Fingerprint, KeptInputs>> {
  const manifests = await repository.manifests(names, variant);
  const fingerprints = await repository.fingerprints(names, variant);
  return new Map(
    names.flatMap((name) => {
      const [manifest, fingerprint] = [manifests.get(name), fingerprints.get(name)];
      if (manifest === undefined || fingerprint === undefined) return [];
      const buildMs = clock?.buildMs(name);
      return [[fingerprint, { manifest, buildArgs: ownBuildArgs(repository.image(name)), buildMs }] as const];
    }),
  );
}
