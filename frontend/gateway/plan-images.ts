/** What has to be built of a repository's images: fingerprints, and what a registry says of them, asked by way of the daemon. */
import { type Gateway, RpcError } from "../../client/index.ts";
import {
  type Lookup,
  type Naming,
  type Plan,
  planBuild,
  platformOf,
  type Repository,
  registryImageLookup,
  specOf,
  type Variant,
} from "../../mzbuild/index.ts";
import { type Answer, type ImageLookup, type Known, lookupKey } from "../dockerfile/index.ts";
import { gatewayWorld } from "./world.ts";

export interface PlanTask {
  readonly gateway: Gateway;
  readonly repository: Repository;
  readonly naming: Naming;
  /** Whether what Docker has of its own doesn't count as there. */
  readonly registryOnly: boolean;
  /** How long the registry may take to answer. Default: 30. */
  readonly registryTimeoutSeconds?: number | undefined;
  /** A line for people, such as a look-up that failed. */
  readonly warn: (text: string) => void;
  readonly signal: AbortSignal;
}

const DEFAULT_TIMEOUT_SECONDS = 30;

export interface PlanTargets {
  readonly targets: readonly string[];
  /** Those of the targets that are built even if they are there; the registry isn't asked for them. Default: none. */
  readonly rebuild?: ReadonlySet<string> | undefined;
}

export interface PlannedImages {
  readonly plan: Plan;
  /** What was said of the images that are there, so that nobody has to be asked for them once more. */
  readonly known: Known;
}

/** Throws `BuildError` for what is wrong with the repository. A registry that can't be asked is said once, and has nothing. */
export async function planImages(
  task: PlanTask,
  { targets, rebuild = new Set() }: PlanTargets,
  variant: Variant,
): Promise<PlannedImages> {
  const { repository, naming } = task;
  const fingerprints = await repository.fingerprints(targets, variant);
  const specs = new Map([...fingerprints].map(([name, fingerprint]) => [name, specOf(naming, name, fingerprint)]));
  const asked = [...specs].filter(([name]) => repository.image(name).publish && !rebuild.has(name));
  const known = new Map<string, Answer>();
  const lookups = naming.registry === "" ? new Map<string, Lookup>() : await lookUp({ ...task, known }, asked, variant);
  return { plan: planBuild({ images: repository.images, targets, specs, lookups, rebuild }), known };
}

interface LookupTask extends PlanTask {
  /** Filled with the answers. */
  readonly known: Map<string, Answer>;
}

/** Asks the registry for all images at once. */
async function lookUp(
  task: LookupTask,
  specs: readonly (readonly [string, string])[],
  variant: Variant,
): Promise<ReadonlyMap<string, Lookup>> {
  const patience = AbortSignal.timeout((task.registryTimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000);
  const answers = await Promise.all(
    specs.map(async ([name, spec]) => [name, await lookUpSpec(task, { name, spec, variant, patience })] as const),
  );
  const failure = answers.map(([, answer]) => answer).find((answer) => answer.kind === "failed");
  if (failure?.kind === "failed") task.warn(`the registry can't be asked, so images are built: ${failure.message}`);
  return new Map(answers);
}

interface SpecLookup {
  readonly name: string;
  readonly spec: string;
  readonly variant: Variant;
  /** Ends when a registry that says nothing has had its time; a daemon would wait as long as it takes. */
  readonly patience: AbortSignal;
}

async function lookUpSpec(
  { gateway, known, registryOnly, registryTimeoutSeconds = DEFAULT_TIMEOUT_SECONDS, signal }: LookupTask,
  { name, spec, variant: { architecture }, patience }: SpecLookup,
): Promise<Lookup> {
  const lookup: ImageLookup = {
    ...registryImageLookup({ reference: spec, platform: platformOf(architecture), label: name }),
    // Docker looks among its own images first, other daemons have none.
    resolveMode: registryOnly ? "pull" : "default",
    logName: `[${name}] look for ${spec}`,
  };
  try {
    // With the config, which is small: asked for less, the daemon asks no registry (moby/buildkit v0.33.0:
    // source/containerimage/source.go, ResolveImageMetadata).
    const answer = await gatewayWorld(gateway, AbortSignal.any([signal, patience])).image(lookup);
    known.set(lookupKey(lookup), answer);
    return { kind: "present" };
  } catch (error) {
    signal.throwIfAborted();
    if (patience.aborted) {
      return { kind: "failed", message: `${spec}: no answer within ${registryTimeoutSeconds} s` };
    }
    const { code, message } = RpcError.from(error);
    const isAbsent = code === "NOT_FOUND" || / not found/.test(message);
    return isAbsent ? { kind: "absent" } : { kind: "failed", message };
  }
}
