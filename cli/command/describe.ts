/** `mzimage describe`: what an image is made of. */
import { transitiveDependencies } from "../../mzbuild/index.ts";
import { openFromOptions } from "../open-repository.ts";
import type { GlobalOptions, VariantFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";

export async function describe(
  terminal: Terminal,
  globals: GlobalOptions,
  options: VariantFlags & { readonly transitive?: boolean },
  name: string,
): Promise<void> {
  const { repository, variant } = await openFromOptions(terminal, globals, options);
  const image = repository.image(name);
  const fingerprints = await repository.fingerprints([name], variant);
  const [inputs, dependencies] = options.transitive
    ? [await repository.transitiveInputs(name), transitiveDependencies(repository.images, name)]
    : [await repository.inputs(name), image.dependencies];
  const lines = [
    `Image: ${name}`,
    `Fingerprint: ${fingerprints.get(name)}`,
    "Input files:",
    ...inputs.map(indented),
    "Dependencies:",
    ...(dependencies.length > 0 ? dependencies : ["(none)"]).map(indented),
  ];
  terminal.stdout.write(`${lines.join("\n")}\n`);
}

function indented(line: string): string {
  return `    ${line}`;
}
