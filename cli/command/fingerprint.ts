/** `mzimage fingerprint` and `mzimage spec`: the names that images have before they exist. */
import { selectImages } from "../../mzbuild/index.ts";
import { openFromOptions } from "../open-repository.ts";
import type { GlobalOptions, SelectionFlags, VariantFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";
import { checkSelection } from "./select.ts";

type Flags = VariantFlags & SelectionFlags;

/** One line an image, in the order in which they were named. */
export async function fingerprint(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: Flags,
  names: readonly string[],
): Promise<void> {
  const entries = await namesOf(terminal, globals, flags, names);
  print(
    terminal,
    flags,
    entries.map(({ name, fingerprint }) => ({ name, fingerprint })),
    ({ fingerprint }) => fingerprint,
  );
}

/** As {@link fingerprint}. */
export async function spec(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: Flags,
  names: readonly string[],
): Promise<void> {
  print(terminal, flags, await namesOf(terminal, globals, flags, names), ({ spec }) => spec);
}

async function namesOf(terminal: Terminal, globals: GlobalOptions, flags: Flags, names: readonly string[]) {
  checkSelection(names, flags);
  const { repository, variant, specOf } = await openFromOptions(terminal, globals, flags);
  const selected = selectImages(repository.images, { names, all: flags.all });
  const fingerprints = await repository.fingerprints(selected, variant);
  return selected.map((name) => {
    const fingerprint = fingerprints.get(name) ?? "";
    return { name, fingerprint, spec: specOf(name, fingerprint) };
  });
}

function print<Entry>(
  { stdout }: Terminal,
  { json }: Flags,
  entries: readonly Entry[],
  line: (entry: Entry) => string,
): void {
  stdout.write(
    json ? `${JSON.stringify(entries, undefined, 2)}\n` : entries.map((entry) => `${line(entry)}\n`).join(""),
  );
}
