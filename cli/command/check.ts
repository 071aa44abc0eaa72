/**
 * `mzimage check`: every mistake in the Dockerfiles of images at once. A build, as BuildKit's own, stops at the first.
 *
 * What can be known without asking a registry is checked: the language itself, names after MZFROM, single instructions, and
 * the lint rules that need no base image.
 */
import type { BuildError } from "../../llb/index.ts";
import { checkImage, type Image, type ImageCheck, selectImages } from "../../mzbuild/index.ts";
import { ExitCode } from "../errors/index.ts";
import { openFromOptions } from "../open-repository.ts";
import type { GlobalOptions, SelectionFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";

/**
 * Prints warnings, one a line. Throws an `AggregateError` of one `BuildError` a mistake, in the order of the files. With `json`, prints
 * one array of both; the exit code then says whether there are mistakes.
 */
export async function check(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: SelectionFlags,
  names: readonly string[],
): Promise<number> {
  const unknown = new Map<string, BuildError[]>();
  const { repository, variant } = await openFromOptions(terminal, globals, {}, (mistake, { name }) =>
    unknown.set(name, [...(unknown.get(name) ?? []), mistake]),
  );
  const selected = selectImages(repository.images, { names, all: names.length === 0 || flags.all });
  const checked = selected.map((name): Checked => {
    const image = repository.image(name);
    const { mistakes, warnings } = checkImage(image, variant);
    return { image, mistakes: sortedByLine([...(unknown.get(name) ?? []), ...mistakes]), warnings };
  });
  const mistakes = checked.flatMap((each) => each.mistakes);
  if (flags.json) {
    terminal.stdout.write(`${JSON.stringify(checked.flatMap(entriesOf), undefined, 2)}\n`);
    return mistakes.length > 0 ? ExitCode.failed : ExitCode.done;
  }
  const warnings = checked.flatMap(({ image, warnings }) =>
    warnings.map(
      ({ rule, message, lines }) => `${image.path}/Dockerfile:${lines.first}: warning: ${rule}: ${message}\n`,
    ),
  );
  terminal.stdout.write(warnings.join(""));
  if (mistakes.length > 0) throw new AggregateError(mistakes, `${mistakes.length} mistakes`);
  const count = selected.length === 1 ? "1 Dockerfile" : `${selected.length} Dockerfiles`;
  const found = warnings.length === 0 ? "nothing wrong" : `${warnings.length} to be warned of`;
  terminal.stdout.write(`${count} checked, ${found}\n`);
  return ExitCode.done;
}

interface Checked extends ImageCheck {
  readonly image: Image;
}

/** For programs: mistakes, then warnings; lines count from 1. */
function entriesOf({ image, mistakes, warnings }: Checked) {
  const place = { image: image.name, file: `${image.path}/Dockerfile` };
  return [
    ...mistakes.map(({ message, hint, at: [range] }) => {
      const start = range === undefined ? {} : { line: range.start.line, column: range.start.column };
      return { ...place, kind: "mistake", ...start, message, hint };
    }),
    ...warnings.map(({ rule, message, lines }) => ({ ...place, kind: "warning", line: lines.first, rule, message })),
  ];
}

function sortedByLine(mistakes: readonly BuildError[]): readonly BuildError[] {
  const line = ({ at }: BuildError) => at[0]?.start.line ?? 0;
  return [...mistakes].sort((a, b) => line(a) - line(b));
}
