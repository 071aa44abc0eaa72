/** `mzdazzle build`. docs/dazzle.md. */

import { formatImageName, parseTarget } from "../../../mzbuild/index.ts";
import { type Terminal, takesColour } from "../../terminal.ts";
import { counted, paintWith } from "../../text/index.ts";
import { buildProject } from "../build/build-project.ts";
import { buildSetting } from "../build-setting.ts";
import type { LoadEngineSide } from "../engine-side.ts";
import { untilDone } from "../failures.ts";
import { openProject } from "../open-project.ts";
import type { DazzleBuildFlags } from "../options.ts";
import { resultCount, resultLines } from "../test/tell-results.ts";

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
  const paint = paintWith(takesColour(terminal.stderr, terminal.env));
  const noCache = flags.cache === false;
  await using setting = await buildSetting(terminal, flags, engineSide);
  const { platforms, testTimeoutMs, progress, registry } = setting;
  await untilDone(terminal, progress, async () => {
    return buildProject({
      open,
      target,
      registry,
      engineSide,
      tools: async () => ({ ...(await setting.tools()), platforms, noCache }),
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
