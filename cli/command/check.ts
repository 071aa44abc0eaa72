/**
 * `mzimage check`: every mistake in the Dockerfiles of images at once. A build, as BuildKit's own, stops at the first.
 *
 * What can be known without asking a registry is checked: the language itself, and the lint rules that need no base image.
 */
import { type LintFinding, parseDockerfile } from "../../frontend/dockerfile/index.ts";
import { BuildError } from "../../llb/index.ts";
import { selectImages } from "../../mzbuild/index.ts";
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
  const { repository } = await openFromOptions(terminal, globals, {});
  const selected = selectImages(repository.images, { names, all: names.length === 0 || flags.all });
  const mistakes: BuildError[] = [];
  let warnings = 0;
  for (const name of selected) {
    const { path, dockerfile } = repository.image(name);
    const file = `${path}/Dockerfile`;
    const { errors, findings, dockerfile: parsed } = parseDockerfile(dockerfile, file);
    mistakes.push(...errors.map(({ message, range }) => new BuildError("dockerfile", message, { at: [range] })));
    if (errors.length === 0 && parsed.stages.length === 0) {
      mistakes.push(new BuildError("no-stages", `${file}: dockerfile contains no stages to build`));
    }
    warnings += findings.length;
    for (const finding of findings) terminal.stdout.write(`${file}:${finding.lines.first}: ${warning(finding)}\n`);
  }
  if (mistakes.length > 0) throw new AggregateError(mistakes, `${mistakes.length} mistakes`);
  const count = selected.length === 1 ? "1 Dockerfile" : `${selected.length} Dockerfiles`;
  terminal.stdout.write(`${count} checked, ${warnings === 0 ? "nothing wrong" : `${warnings} to be warned of`}\n`);
}

function warning({ rule, message }: LintFinding): string {
  return `warning: ${rule}: ${message}`;
}
