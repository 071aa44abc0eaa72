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
  const entries = await Promise.all(
    names.map(async (name) => {
      const image = repository.image(name);
      const fingerprint = fingerprints.get(name) ?? "";
      return {
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
    }),
  );
  terminal.stdout.write(`${JSON.stringify(entries, undefined, 2)}\n`);
}
