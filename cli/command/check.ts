/**
 * `mzimage check`: every mistake in the Dockerfiles of images at once. A build, as BuildKit's own, stops at the first.
 *
 * What can be known without asking a registry is checked: the language itself, names after MZFROM, single instructions, and
 * the lint rules that need no base image.
 */
import type { BuildError } from "../../llb/index.ts";
import { checkImage, selectImages } from "../../mzbuild/index.ts";
import { openFromOptions } from "../open-repository.ts";
import type { GlobalOptions, SelectionFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";

/** Prints warnings, one a line. Throws an `AggregateError` of one `BuildError` a mistake, in the order of the files. */
export async function check(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: SelectionFlags,
  names: readonly string[],
): Promise<void> {
  const unknown = new Map<string, BuildError[]>();
  const { repository, variant } = await openFromOptions(terminal, globals, {}, (mistake, { name }) =>
    unknown.set(name, [...(unknown.get(name) ?? []), mistake]),
  );
  const selected = selectImages(repository.images, { names, all: names.length === 0 || flags.all });
  const mistakes: BuildError[] = [];
  let warnings = 0;
  for (const name of selected) {
    const image = repository.image(name);
    const found = checkImage(image, variant);
    mistakes.push(...sortedByLine([...(unknown.get(name) ?? []), ...found.mistakes]));
    warnings += found.warnings.length;
    for (const { rule, message, lines } of found.warnings) {
      terminal.stdout.write(`${image.path}/Dockerfile:${lines.first}: warning: ${rule}: ${message}\n`);
    }
  }
  if (mistakes.length > 0) throw new AggregateError(mistakes, `${mistakes.length} mistakes`);
  const count = selected.length === 1 ? "1 Dockerfile" : `${selected.length} Dockerfiles`;
  terminal.stdout.write(`${count} checked, ${warnings === 0 ? "nothing wrong" : `${warnings} to be warned of`}\n`);
}

function sortedByLine(mistakes: readonly BuildError[]): readonly BuildError[] {
  const line = ({ at }: BuildError) => at[0]?.start.line ?? 0;
  return [...mistakes].sort((a, b) => line(a) - line(b));
}
