/** `mzimage build`: builds images, with what they depend on, as one graph. */
import { parseOutput, planExports } from "../../client/index.ts";
import { selectImages } from "../../mzbuild/index.ts";
import { buildImages, checkExports } from "../build/build-images.ts";
import { outputsForEngine } from "../build/engine-outputs.ts";
import { variantsFor } from "../build/platforms.ts";
import { prepareBuild } from "../build/prepare.ts";
import { openFromOptions } from "../open-repository.ts";
import type { BuildFlags, GlobalOptions, SelectionFlags } from "../option-values.ts";
import { tellFailure } from "../tell-failure.ts";
import type { Terminal } from "../terminal.ts";
import { checkSelection } from "./select.ts";

/** Throws as `buildImages` does; what a failed step has to say is written before. */
export async function build(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: BuildFlags & SelectionFlags,
  names: readonly string[],
): Promise<void> {
  checkSelection(names, flags);
  const open = await openFromOptions(terminal, globals, flags);
  const targets = selectImages(open.repository.images, { names, all: flags.all });
  // Before an engine is set up: names and options that can't be right.
  open.repository.resolve(targets);
  const outputs = (flags.output ?? []).map(parseOutput);
  const place = {
    directory: terminal.cwd,
    stdout: terminal.stdout.isTTY ? undefined : terminal.stdout,
    dockerLoad: { environment: terminal.env },
  };
  checkExports(targets, planExports(outputs, place));
  const variants = variantsFor(open.variant, flags.platform);
  const { progress, connected, given } = await prepareBuild(terminal, flags);
  await using _connection = connected;
  await tellFailure(terminal, progress, async () => {
    const fitted = await outputsForEngine(terminal, connected, progress, outputs);
    const exports = planExports(fitted.outputs, place);
    await buildImages({
      ...{ terminal, open, connected, flags, given, targets, variants, exports, progress },
      signal: terminal.signal,
    });
    await fitted.finish();
  });
}
