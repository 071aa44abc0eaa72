/** `mzimage run`: builds an image and runs it, in Docker where Docker builds, else in a container of the engine itself. */
import { planExports } from "../../client/index.ts";
import { buildImages } from "../build/build-images.ts";
import { variantsFor } from "../build/platforms.ts";
import { prepareBuild } from "../build/prepare.ts";
import { openFromOptions } from "../open-repository.ts";
import type { BuildFlags, GlobalOptions } from "../option-values.ts";
import { runInContainer } from "../run/in-container.ts";
import { tellFailure } from "../tell-failure.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

/** The exit code of the container. Throws as `buildImages` does. */
export async function run(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: BuildFlags,
  name: string,
  args: readonly string[],
): Promise<number> {
  const open = await openFromOptions(terminal, globals, flags);
  open.repository.resolve([name]);
  const variants = variantsFor(open.variant, flags.platform);
  if (variants.length > 1) throw new UsageError("an image is run for one platform", "name one with --platform");
  const { progress, connected, given } = await prepareBuild(terminal, flags);
  await using _connection = connected;
  const exports = planExports([], {
    directory: terminal.cwd,
    stdout: undefined,
    dockerLoad: { environment: terminal.env },
  });
  let exitCode = 0;
  await tellFailure(terminal, progress, () => {
    const building = new AbortController();
    const cancel = (): void => building.abort(terminal.signal.reason);
    terminal.signal.addEventListener("abort", cancel);
    return buildImages({
      terminal,
      open,
      connected,
      flags,
      given,
      targets: [name],
      variants,
      exports,
      progress,
      signal: building.signal,
      use: async (gateway, [image]) => {
        if (image === undefined) return;
        progress.finish("done");
        // From here on signals are the container's.
        terminal.signal.removeEventListener("abort", cancel);
        exitCode = await runInContainer({ terminal, gateway, image, args });
      },
    });
  });
  return exitCode;
}
