/** `mzdazzle rebase`: combinations on the base as it is now, of chunks as they were built on another one. docs/dazzle.md. */
import { parseTarget } from "../../../mzbuild/index.ts";
import type { Terminal } from "../../terminal.ts";
import { counted } from "../../text/index.ts";
import { onPlatforms } from "../base-info.ts";
import { provideBase } from "../build/build-project.ts";
import { buildSetting } from "../build-setting.ts";
import { type CombinationFlags, chosenCombinations } from "../combine/chosen-combinations.ts";
import { findOldBase, rebasedChunk } from "../combine/old-base.ts";
import { runCombine } from "../combine/run-combine.ts";
import type { LoadEngineSide } from "../engine-side.ts";
import { untilDone } from "../failures.ts";
import { openProject } from "../open-project.ts";
import type { DazzleBuildFlags } from "../options.ts";

export interface RebaseCommandFlags extends DazzleBuildFlags, CombinationFlags {
  readonly from?: string;
  /** false with `--no-test`. */
  readonly test?: boolean;
}

/** Only the base is built. Throws what is told in the end: `AggregateError` for several combinations. */
export async function rebase(
  terminal: Terminal,
  flags: RebaseCommandFlags,
  targetText: string,
  engineSide: LoadEngineSide,
): Promise<void> {
  const open = await openProject(terminal, flags, engineSide);
  const target = parseTarget(targetText);
  const all = !flags.combination && !flags.chunks;
  const combinations = chosenCombinations(open.project, { ...flags, all });
  await using setting = await buildSetting(terminal, flags, engineSide);
  const { platforms, testTimeoutMs, progress, registry, tools } = setting;
  await untilDone(terminal, progress, async () => {
    const old = await findOldBase(registry, target, combinations, flags.from);
    const base = await provideBase({
      open,
      target,
      registry,
      platforms,
      signal: terminal.signal,
      engineSide,
      tools: async () => ({ ...(await tools()), platforms, noCache: false }),
      ensureImages: async (names) => (await engineSide()).ensureImages(terminal, flags, open.root, names),
    });
    if ("lead" in base) return [base];
    const same = base.naming.baseRef === old.reference;
    progress.note(same ? `the base is still ${old.reference}` : `from ${old.reference} to ${base.naming.baseRef}`);
    return runCombine({
      terminal,
      open,
      combinations,
      target,
      built: target,
      registry,
      base: onPlatforms(base, platforms),
      naming: { ...base.naming, baseRef: old.reference },
      adapt: same ? undefined : rebasedChunk(old, base.naming.baseRef),
      withTests: flags.test !== false,
      strict: flags.strict ?? false,
      verbose: flags.verbose ?? false,
      testTimeoutMs,
      progress,
      engineSide,
      tools,
    });
  });
  terminal.stderr.write(`${counted(combinations.length, "combination")} in ${target.name}\n`);
}
