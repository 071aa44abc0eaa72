/** `mzdazzle combine`. docs/dazzle.md. */
import { BuildError } from "../../../llb/index.ts";
import { parseTarget } from "../../../mzbuild/index.ts";
import type { Terminal } from "../../terminal.ts";
import { counted } from "../../text/index.ts";
import { onPlatforms, requireBase } from "../base-info.ts";
import { buildSetting } from "../build-setting.ts";
import { type CombinationFlags, chosenCombinations } from "../combine/chosen-combinations.ts";
import { readPinned, writePinned } from "../combine/pin-files.ts";
import { runCombine } from "../combine/run-combine.ts";
import type { LoadEngineSide } from "../engine-side.ts";
import { untilDone } from "../failures.ts";
import { openProject } from "../open-project.ts";
import type { DazzleBuildFlags } from "../options.ts";

export interface CombineCommandFlags extends DazzleBuildFlags, CombinationFlags {
  readonly buildRef?: string;
  /** Files that name combinations by their digest. */
  readonly pin?: readonly string[];
  /** false with `--no-test`. */
  readonly test?: boolean;
}

/** Throws what is told in the end: `AggregateError` for several combinations. */
export async function combine(
  terminal: Terminal,
  flags: CombineCommandFlags,
  targetText: string,
  engineSide: LoadEngineSide,
): Promise<void> {
  const open = await openProject(terminal, flags, engineSide);
  const target = parseTarget(targetText, "cannot parse target-ref: ");
  const combinations = chosenCombinations(open.project, flags);
  const built = flags.buildRef ? parseTarget(flags.buildRef, "cannot start build session: ") : target;
  if (built.host !== target.host) {
    throw new BuildError("other-registry", `--build-ref ${built.name} is in another registry than ${target.name}`, {
      hint: "layers are linked, not copied: both have to be in one registry",
    });
  }
  const names = combinations.map(({ name }) => name);
  const files = readPinned(terminal.cwd, flags.pin ?? [], target.name, names);
  const digests = new Map<string, string>();
  await using setting = await buildSetting(terminal, flags, engineSide);
  const { platforms, testTimeoutMs, progress, registry, tools } = setting;
  await untilDone(terminal, progress, async () => {
    const known = await requireBase(open, registry, built, "cannot download base-image info: ");
    const base = onPlatforms(known, platforms);
    return runCombine({
      terminal,
      open,
      combinations,
      target,
      built,
      registry,
      base,
      naming: base.naming,
      withTests: flags.test !== false,
      strict: flags.strict ?? false,
      verbose: flags.verbose ?? false,
      testTimeoutMs,
      progress,
      onPushed: (name, digest) => digests.set(name, digest),
      engineSide,
      tools,
    });
  });
  for (const name of writePinned(files, target.name, digests)) terminal.stderr.write(`${name} has new digests\n`);
  terminal.stderr.write(`${counted(combinations.length, "combination")} in ${target.name}\n`);
}
