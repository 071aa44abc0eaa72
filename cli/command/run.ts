/** `mzimage run`: builds an image and runs it, in Docker where Docker builds, else in a container of the engine itself. */
import { type Gateway, planExports } from "../../client/index.ts";
import { BuildError } from "../../llb/index.ts";
import { type BuiltImage, buildImages } from "../build/build-images.ts";
import { prepareBuild } from "../build/prepare.ts";
import { openFromOptions } from "../open-repository.ts";
import type { BuildFlags, GlobalOptions } from "../option-values.ts";
import { attach, wantsTty } from "../run/attach.ts";
import { containerCommand } from "../run/container-command.ts";
import { tellFailure } from "../tell-failure.ts";
import type { Terminal } from "../terminal.ts";

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
      variants: [open.variant],
      exports,
      progress,
      signal: building.signal,
      use: async (gateway, [image]) => {
        if (image === undefined) return;
        progress.finish("done");
        // From here on signals are the container's.
        terminal.signal.removeEventListener("abort", cancel);
        exitCode = await runContainer(terminal, gateway, image, args);
      },
    });
  });
  return exitCode;
}

async function runContainer(
  terminal: Terminal,
  gateway: Gateway,
  { name, ref, compiled }: BuiltImage,
  args: readonly string[],
): Promise<number> {
  const term = wantsTty(terminal) ? terminal.env["TERM"] : undefined;
  const command = containerCommand(compiled.config.config, args, { term });
  if (ref === undefined || command.args.length === 0) {
    throw new BuildError("nothing-to-run", `image ${name} says neither ENTRYPOINT nor CMD`, {
      hint: `name the command: mzimage run ${name} COMMAND …`,
    });
  }
  await using container = await gateway.newContainer({ Mounts: [{ dest: "/", resultID: ref }] });
  // Awaited here: the container is released when this function returns.
  return await attach(terminal, command, (options) => container.run(options));
}
