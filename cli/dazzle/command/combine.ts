/** `mzdazzle combine`. docs/dazzle.md. */
import { BuildError } from "../../../llb/index.ts";
import { parseTarget } from "../../../mzbuild/index.ts";
import { progressOf } from "../../build/prepare.ts";
import type { Terminal } from "../../terminal.ts";
import { counted } from "../../text/index.ts";
import { requireBase } from "../base-info.ts";
import { type CombinationFlags, chosenCombinations } from "../combine/chosen-combinations.ts";
import { runCombine } from "../combine/run-combine.ts";
import { lateEngine } from "../engine.ts";
import type { LoadEngineSide } from "../engine-side.ts";
import { untilDone } from "../failures.ts";
import { openProject } from "../open-project.ts";
import type { DazzleBuildFlags } from "../options.ts";
import { openRegistry } from "../registry.ts";
import { parseDuration } from "../test-timeout.ts";

export interface CombineCommandFlags extends DazzleBuildFlags, CombinationFlags {
  readonly buildRef?: string;
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
  const testTimeoutMs = parseDuration("--test-timeout", flags.testTimeout);
  const progress = progressOf(terminal, { progress: flags.plainOutput ? "plain" : (flags.progress ?? "auto") });
  await using engine = await lateEngine(terminal, flags, progress, engineSide);
  const registry = openRegistry(terminal, engineSide, (text) => progress.warning(text));
  await untilDone(terminal, progress, async () => {
    const base = await requireBase(open, registry, built, "cannot download base-image info: ");
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
      engineSide,
      tools: engine.tools,
    });
  });
  terminal.stderr.write(`${counted(combinations.length, "combination")} in ${target.name}\n`);
}
