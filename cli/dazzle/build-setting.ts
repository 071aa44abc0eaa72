/** What commands that build have at hand: display, registry, and an engine once it is needed. */
import { progressOf } from "../build/prepare.ts";
import type { Progress } from "../progress/index.ts";
import type { Terminal } from "../terminal.ts";
import { type LateEngine, lateEngine } from "./engine.ts";
import type { LoadEngineSide } from "./engine-side.ts";
import type { DazzleBuildFlags } from "./options.ts";
import { parsePlatforms } from "./platforms.ts";
import { openRegistry, type Registry } from "./registry.ts";
import { parseDuration } from "./test-timeout.ts";

export interface BuildSetting extends LateEngine {
  /** As in `BuildTools`. */
  readonly platforms: readonly string[];
  readonly testTimeoutMs: number;
  readonly progress: Progress;
  readonly registry: Registry;
}

/** What the options say of it is checked at once. Throws `UsageError`, and as `lateEngine`. */
export async function buildSetting(
  terminal: Terminal,
  flags: DazzleBuildFlags,
  engineSide: LoadEngineSide,
): Promise<BuildSetting> {
  const platforms = parsePlatforms(flags.platform);
  const testTimeoutMs = parseDuration("--test-timeout", flags.testTimeout);
  const progress = progressOf(terminal, { progress: flags.plainOutput ? "plain" : (flags.progress ?? "auto") });
  const engine = await lateEngine(terminal, flags, progress, engineSide);
  const registry = openRegistry(terminal, engineSide, (text) => progress.warning(text));
  return { ...engine, platforms, testTimeoutMs, progress, registry };
}
