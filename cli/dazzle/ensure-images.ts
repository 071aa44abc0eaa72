/** Images of the repository around a project, built and pushed where its registry lacks them. */

import type { Terminal } from "../terminal.ts";
import { engineFlags } from "./engine-flags.ts";
import type { DazzleBuildFlags } from "./options.ts";

/** As `mzimage ensure` does; `root` is the project's. */
export async function ensureImages(
  terminal: Terminal,
  flags: DazzleBuildFlags,
  root: string,
  names: readonly string[],
): Promise<void> {
  const { ensure } = await import("../command/acquire.ts");
  const { platform, progress } = flags;
  const options = {
    ...engineFlags(flags),
    ...(platform === undefined ? {} : { platform }),
    progress: flags.plainOutput ? "plain" : (progress ?? "auto"),
  };
  await ensure(terminal, { C: [root] }, options, names);
}
