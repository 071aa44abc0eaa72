/**
 * What has to be built: a pure function of the image graph, the specs, and what a registry said of each spec. An image that is
 * there is used as it is, and what it was made from is not needed; the rest is built, dependencies first. docs/architecture.md, "Plan".
 */
import { unreachable } from "../llb/index.ts";
import type { Images } from "./graph.ts";
import { resolveImages } from "./graph.ts";
import type { Image } from "./image.ts";

/** What a registry, or an engine, said of a spec. */
export type Lookup =
  | { readonly kind: "present" }
  | { readonly kind: "absent" }
  /** Nobody could be asked; `message` says why. */
  | { readonly kind: "failed"; readonly message: string };

export interface PlanQuestion {
  readonly images: Images;
  /** The images that are wanted. */
  readonly targets: Iterable<string>;
  /** The spec of each target and of all that it depends on, by name. */
  readonly specs: ReadonlyMap<string, string>;
  /** By name. What is missing was not asked for, and counts as absent. */
  readonly lookups: ReadonlyMap<string, Lookup>;
  /** Images to build even if they are there. */
  readonly rebuild?: ReadonlySet<string>;
}

export interface Plan {
  /** Every image that is needed, each once, dependencies before dependents. */
  readonly steps: readonly PlanStep[];
}

export type PlanStep =
  | { readonly kind: "reuse"; readonly image: Image; readonly spec: string; readonly neededBy: readonly string[] }
  | {
      readonly kind: "build";
      readonly image: Image;
      readonly spec: string;
      readonly because: BuildReason;
      /** Images that are built from this one, sorted; a target that nothing else needs has none. */
      readonly neededBy: readonly string[];
    };

export type BuildReason =
  | { readonly kind: "absent" }
  /** `publish: false`: such an image is in no registry, whatever one says. */
  | { readonly kind: "not-published" }
  | { readonly kind: "lookup-failed"; readonly message: string }
  | { readonly kind: "asked-for" };

/** Throws `BuildError` "unknown-image" and "dependency-cycle". */
export function planBuild(question: PlanQuestion): Plan {
  const targets = new Set(question.targets);
  const neededBy = new Map<string, string[]>([...targets].map((name) => [name, []]));
  const decided: PlanStep[] = [];
  // Dependents come before their dependencies here, so whether an image is needed is known when it is its turn.
  for (const image of resolveImages(question.images, targets).toReversed()) {
    const dependents = neededBy.get(image.name);
    if (dependents === undefined) continue;
    const step = planStep(question, image, dependents.sort());
    decided.push(step);
    if (step.kind === "reuse") continue;
    for (const name of image.dependencies) {
      const known = neededBy.get(name);
      if (known === undefined) neededBy.set(name, [image.name]);
      else known.push(image.name);
    }
  }
  return { steps: decided.toReversed() };
}

/** Why an image is built, in words that follow "is built because". */
export function explainReason(reason: BuildReason): string {
  switch (reason.kind) {
    case "absent":
      return "the registry does not have it";
    case "not-published":
      return "it is never published";
    case "lookup-failed":
      return `the registry could not be asked: ${reason.message}`;
    case "asked-for":
      return "a build was asked for";
    default:
      return unreachable(reason);
  }
}

function planStep({ specs, lookups, rebuild }: PlanQuestion, image: Image, neededBy: readonly string[]): PlanStep {
  const spec = specs.get(image.name);
  if (spec === undefined) throw new TypeError(`no spec of image ${image.name} was given`);
  const because = reasonToBuild(image, lookups.get(image.name), rebuild?.has(image.name) ?? false);
  return because === undefined
    ? { kind: "reuse", image, spec, neededBy }
    : { kind: "build", image, spec, because, neededBy };
}

function reasonToBuild(image: Image, lookup: Lookup | undefined, rebuild: boolean): BuildReason | undefined {
  if (rebuild) return { kind: "asked-for" };
  if (!image.publish) return { kind: "not-published" };
  switch (lookup?.kind) {
    case "present":
      return undefined;
    case "failed":
      return { kind: "lookup-failed", message: lookup.message };
    case "absent":
    case undefined:
      return { kind: "absent" };
    default:
      return unreachable(lookup);
  }
}
