/** `mzimage graph`: how images depend on each other, as text, for Graphviz, or as a page. */
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { formatVariant, type Plan, selectImages } from "../../mzbuild/index.ts";
import { lookUpPlan } from "../build/look-up-plan.ts";
import { oneVariantFor } from "../build/platforms.ts";
import type { GraphFacts } from "../graph/graph-facts.ts";
import { graphPage } from "../graph/graph-page.ts";
import { graphDot, graphText } from "../graph/graph-text.ts";
import { measuresOf } from "../graph/measures.ts";
import { openFromOptions } from "../open-repository.ts";
import type { BuildFlags, GlobalOptions, SelectionFlags } from "../option-values.ts";
import { outputFile } from "../output-file.ts";
import type { Terminal } from "../terminal.ts";
import { describeStep } from "./plan.ts";

export interface GraphFlags extends BuildFlags, SelectionFlags {
  readonly dot?: boolean;
  /** A file for the page. */
  readonly html?: string;
  readonly lookUp?: boolean;
}

/** Without names, of all images. Throws `BuildError`, and with `lookUp` as `lookUpPlan`. */
export async function graph(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: GraphFlags,
  names: readonly string[],
): Promise<void> {
  const page = flags.html === undefined ? undefined : outputFile(terminal, "--html", flags.html);
  const opened = await openFromOptions(terminal, globals, flags);
  const open = { ...opened, variant: oneVariantFor(opened.variant, flags.platform, "a graph shows one platform") };
  const { repository, variant, specOf } = open;
  const targets = selectImages(repository.images, { names, all: names.length === 0 || flags.all });
  const fingerprints = await repository.fingerprints(targets, variant);
  const plan: Plan = flags.lookUp ? await lookUpPlan(terminal, open, flags, targets) : { steps: [] };
  const steps = new Map(plan.steps.map((step) => [step.image.name, step]));
  const measures = await measuresOf(terminal, open, fingerprints, plan);
  const images = repository.resolve(targets).map((image) => {
    const fingerprint = fingerprints.get(image.name) ?? "";
    const step = steps.get(image.name);
    const state = step === undefined ? undefined : { kind: step.kind, reason: describeStep(step, undefined, open) };
    return {
      image,
      fingerprint,
      spec: specOf(image.name, fingerprint),
      state,
      measures: measures.get(image.name) ?? {},
    };
  });
  const facts: GraphFacts = { title: basename(open.root.path), variant: formatVariant(variant), images };
  if (page !== undefined) await writeFile(page, graphPage(facts));
  if (flags.json) terminal.stdout.write(asJson(facts));
  else if (flags.dot) terminal.stdout.write(graphDot(facts));
  else if (flags.html === undefined) terminal.stdout.write(graphText(facts));
}

function asJson({ images }: GraphFacts): string {
  const entries = images.map(({ image, fingerprint, spec, state, measures }) => ({
    name: image.name,
    path: image.path,
    fingerprint,
    spec,
    dependencies: image.dependencies,
    ...measures,
    ...(state === undefined ? {} : { action: state.kind, reason: state.reason }),
  }));
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}
