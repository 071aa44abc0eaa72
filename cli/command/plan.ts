/** `mzimage plan`: what acquire would reuse, and what it would build and why; or what a change affects. docs/mzimage.md. */
import {
  buildLevels,
  explainReason,
  type Fingerprint,
  type Lookup,
  type Plan,
  type PlanStep,
  planBuild,
  selectImages,
} from "../../mzbuild/index.ts";
import { lookUpPlan } from "../build/look-up-plan.ts";
import { oneVariantFor } from "../build/platforms.ts";
import { openCommit } from "../open-commit.ts";
import { type OpenRepository, openFromOptions } from "../open-repository.ts";
import type { BuildFlags, GlobalOptions, SelectionFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";

export type PlanFlags = BuildFlags & SelectionFlags & { readonly since?: string };

/** Without names, of all images. Throws `BuildError`, and `EngineError` where a registry has to be asked. */
export async function plan(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: PlanFlags,
  names: readonly string[],
): Promise<void> {
  const opened = await openFromOptions(terminal, globals, flags);
  const open = { ...opened, variant: oneVariantFor(opened.variant, flags.platform, "a plan is made for one platform") };
  const targets = selectImages(open.repository.images, { names, all: names.length === 0 || flags.all });
  const made =
    flags.since === undefined
      ? await lookUpPlan(terminal, open, flags, targets)
      : await planSince(terminal, open, flags.since, targets);
  const because = (step: PlanStep): string => describeStep(step, flags.since, open);
  terminal.stdout.write(flags.json ? asJson(made, because) : asText(made, because));
}

/** What has the fingerprint that it had in the commit counts as published then; what has another is affected. */
async function planSince(
  terminal: Terminal,
  open: OpenRepository,
  commit: string,
  targets: readonly string[],
): Promise<Plan> {
  const { repository, variant, specOf } = open;
  const then = await openCommit(open, commit, terminal);
  const known = repository.resolve(targets).filter(({ name }) => then.images.has(name));
  const [now, before] = await Promise.all([
    repository.fingerprints(targets, variant),
    then.fingerprints(
      known.map(({ name }) => name),
      variant,
    ),
  ]);
  const changed = (name: string): boolean => now.get(name) !== before.get(name);
  const specs = new Map(
    [...now].map(([name, fingerprint]: readonly [string, Fingerprint]) => [name, specOf(name, fingerprint)]),
  );
  const lookups = new Map(
    [...now.keys()].map((name): [string, Lookup] => [name, { kind: changed(name) ? "absent" : "present" }]),
  );
  return planBuild({ images: repository.images, targets: targets.filter(changed), specs, lookups });
}

/** Why an image is reused or built; with a commit, why since that. */
export function describeStep(step: PlanStep, since: string | undefined, { naming }: OpenRepository): string {
  if (step.kind === "reuse") return since === undefined ? "the registry has it" : `unchanged since ${since}`;
  if (step.because.kind !== "absent") return explainReason(step.because);
  if (since !== undefined) return `changed since ${since}`;
  return naming.registry === "" ? "no registry is set" : explainReason(step.because);
}

function asText(plan: Plan, because: (step: PlanStep) => string): string {
  if (plan.steps.length === 0) return "nothing to do\n";
  const width = Math.max(...plan.steps.map(({ image }) => image.name.length));
  return plan.steps
    .map((step) => `${step.kind.padEnd(5)}  ${step.image.name.padEnd(width)}  ${brief(step) ?? because(step)}\n`)
    .join("");
}

/** A warning has said already why the registry could not be asked. */
function brief(step: PlanStep): string | undefined {
  const hasFailed = step.kind === "build" && step.because.kind === "lookup-failed";
  return hasFailed ? "the registry could not be asked" : undefined;
}

function asJson(plan: Plan, because: (step: PlanStep) => string): string {
  const images = plan.steps.map((step) => ({
    name: step.image.name,
    path: step.image.path,
    action: step.kind,
    reason: because(step),
    spec: step.spec,
    neededBy: step.neededBy,
  }));
  return `${JSON.stringify({ images, levels: buildLevels(plan) }, undefined, 2)}\n`;
}
