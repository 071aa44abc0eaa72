/** `mzimage list`: the images of the repository. */
import { openFromOptions } from "../open-repository.ts";
import type { GlobalOptions, VariantFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";

/** Names, one a line, in the order of their directories; with `json` one array with all that is known of each. */
export async function list(
  terminal: Terminal,
  globals: GlobalOptions,
  options: VariantFlags & { readonly json?: boolean },
): Promise<void> {
  const { repository, variant, specOf } = await openFromOptions(terminal, globals, options);
  const names = [...repository.images.keys()];
  if (!options.json) {
    terminal.stdout.write(names.map((name) => `${name}\n`).join(""));
    return;
  }
  const fingerprints = await repository.fingerprints(names, variant);
  // One by one: all inputs of a large repository as one text take more memory than everything else.
  const { stdout } = terminal;
  stdout.write("[");
  for (const [index, name] of names.entries()) {
    const image = repository.image(name);
    const fingerprint = fingerprints.get(name) ?? "";
    const entry = {
      name,
      path: image.path,
      description: image.description,
      publish: image.publish,
      mainline: image.mainline,
      fingerprint,
      spec: specOf(name, fingerprint),
      dependencies: image.dependencies,
      inputs: await repository.inputs(name),
    };
    const text = JSON.stringify([entry], undefined, 2);
    stdout.write(`${index === 0 ? "" : ","}${text.slice(1, -2)}`);
  }
  stdout.write("\n]\n");
}
