/** `mzimage describe`: what images are made of. */
import { selectImages, transitiveDependencies } from "../../mzbuild/index.ts";
import { type OpenRepository, openFromOptions } from "../open-repository.ts";
import type { GlobalOptions, SelectionFlags, VariantFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";
import { checkSelection } from "./select.ts";

type Flags = VariantFlags & SelectionFlags & { readonly transitive?: boolean };

interface Description {
  readonly name: string;
  readonly path: string;
  readonly fingerprint: string;
  readonly spec: string;
  readonly inputs: readonly string[];
  readonly dependencies: readonly string[];
}

/** A paragraph an image; with `json` one array. */
export async function describe(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: Flags,
  names: readonly string[],
): Promise<void> {
  checkSelection(names, flags);
  const open = await openFromOptions(terminal, globals, flags);
  const selected = selectImages(open.repository.images, { names, all: flags.all });
  const fingerprints = await open.repository.fingerprints(selected, open.variant);
  const descriptions = await Promise.all(
    selected.map((name) => descriptionOf(open, name, fingerprints.get(name) ?? "", flags)),
  );
  const text = flags.json ? JSON.stringify(descriptions, undefined, 2) : descriptions.map(paragraph).join("\n\n");
  terminal.stdout.write(`${text}\n`);
}

async function descriptionOf(
  { repository, specOf }: OpenRepository,
  name: string,
  fingerprint: string,
  { transitive }: Flags,
): Promise<Description> {
  const { path, dependencies } = repository.image(name);
  return {
    name,
    path,
    fingerprint,
    spec: specOf(name, fingerprint),
    inputs: await (transitive ? repository.transitiveInputs(name) : repository.inputs(name)),
    dependencies: transitive ? transitiveDependencies(repository.images, name) : dependencies,
  };
}

function paragraph({ name, fingerprint, inputs, dependencies }: Description): string {
  return [
    `Image: ${name}`,
    `Fingerprint: ${fingerprint}`,
    "Input files:",
    ...inputs.map(indented),
    "Dependencies:",
    ...(dependencies.length > 0 ? dependencies : ["(none)"]).map(indented),
  ].join("\n");
}

function indented(line: string): string {
  return `    ${line}`;
}
