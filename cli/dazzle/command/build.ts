/** `mzdazzle build`. docs/dazzle.md. */

import { formatImageName, parseTarget } from "../../../mzbuild/index.ts";
import { progressOf } from "../../build/prepare.ts";
import { type Terminal, takesColour } from "../../terminal.ts";
import { counted, paintWith } from "../../text/index.ts";
import { buildProject } from "../build/build-project.ts";
import { lateEngine } from "../engine.ts";
import type { LoadEngineSide } from "../engine-side.ts";
import { untilDone } from "../failures.ts";
import { openProject } from "../open-project.ts";
import type { DazzleBuildFlags } from "../options.ts";
import { parsePlatforms } from "../platforms.ts";
import { openRegistry } from "../registry.ts";
import { resultCount, resultLines } from "../test/tell-results.ts";
import { parseDuration } from "../test-timeout.ts";

export interface BuildCommandFlags extends DazzleBuildFlags {
  /** false with `--no-cache`. */
  readonly cache?: boolean;
  readonly chunkedWithoutHash?: boolean;
  readonly originalDockerfiles?: boolean;
}

/** Throws what is told in the end: `AggregateError` for several chunks. */
export async function build(
  terminal: Terminal,
  flags: BuildCommandFlags,
  targetText: string,
  engineSide: LoadEngineSide,
): Promise<void> {
  const open = await openProject(terminal, flags, engineSide);
  const target = parseTarget(targetText);
  const platforms = parsePlatforms(flags.platform);
  const testTimeoutMs = parseDuration("--test-timeout", flags.testTimeout);
  const progress = progressOf(terminal, { progress: flags.plainOutput ? "plain" : (flags.progress ?? "auto") });
  const paint = paintWith(takesColour(terminal.stderr, terminal.env));
  const noCache = flags.cache === false;
  await using engine = await lateEngine(terminal, flags, progress, engineSide);
  await untilDone(terminal, progress, async () => {
    return buildProject({
      open,
      target,
      registry: openRegistry(terminal, engineSide, (text) => progress.warning(text)),
      engineSide,
      tools: async () => ({ ...(await engine.tools()), platforms, noCache }),
      ensureImages: async (names) => (await engineSide()).ensureImages(terminal, flags, open.root, names),
      platforms,
      noCache,
      withoutHash: flags.chunkedWithoutHash ?? false,
      originalDockerfiles: flags.originalDockerfiles ?? false,
      testTimeoutMs,
      signal: terminal.signal,
      now: terminal.now,
      warn: (text) => progress.warning(text),
      onTests: (name, results) => {
        const lines = flags.verbose ? resultLines(name, results, paint) : [];
        progress.note([...lines, `${name}: ${resultCount(results)}`].join("\n"));
      },
      onChunk: ({ name }, names, sizeBytes) => {
        const size = (sizeBytes / 1024 / 1024).toFixed(2);
        progress.note(`chunk ${name} is ${formatImageName(names.chunked)} (${size} MiB)`);
      },
    });
  });
  if (open.project.chunks.length > 0) {
    terminal.stderr.write(`${counted(open.project.chunks.length, "chunk")} on ${target.name}\n`);
  }
}
