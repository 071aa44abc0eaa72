/** `mzimage fingerprint` and `mzimage spec`: the names that an image has before it exists. */
import { openFromOptions } from "../open-repository.ts";
import type { GlobalOptions, VariantFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";

export async function fingerprint(
  terminal: Terminal,
  globals: GlobalOptions,
  options: VariantFlags,
  name: string,
): Promise<void> {
  const { repository, variant } = await openFromOptions(terminal, globals, options);
  const fingerprints = await repository.fingerprints([name], variant);
  terminal.stdout.write(`${fingerprints.get(name)}\n`);
}

export async function spec(
  terminal: Terminal,
  globals: GlobalOptions,
  options: VariantFlags,
  name: string,
): Promise<void> {
  const { repository, variant, specOf } = await openFromOptions(terminal, globals, options);
  const fingerprints = await repository.fingerprints([name], variant);
  terminal.stdout.write(`${specOf(name, fingerprints.get(name) ?? "")}\n`);
}
