/** Runs a built image in a container of the engine, connected with the caller's terminal. */
import type { Container, Gateway } from "../../client/index.ts";
import { BuildError, definitionToProto, marshal, mkfile, scratch } from "../../llb/index.ts";
import type { BuiltImage } from "../build/build-images.ts";
import type { Terminal } from "../terminal.ts";
import { attach, wantsTty } from "./attach.ts";
import { containerCommand } from "./container-command.ts";
import { initProgram } from "./init-program.ts";

/** In /dev, which is the container's own: the image's files stay as they are. */
const INIT = "/dev/init";

export interface ContainerRun {
  readonly terminal: Terminal;
  readonly gateway: Gateway;
  readonly image: BuiltImage;
  readonly args: readonly string[];
  /** `NAME=VALUE`, or NAME for the caller's value, before those of the image. */
  readonly env: readonly string[];
}

/** The exit code of the image's command. Throws `BuildError` "nothing-to-run", `RpcError` when it can't be started. */
export async function runInContainer({ terminal, gateway, image, args, env }: ContainerRun): Promise<number> {
  const { name, ref, compiled } = image;
  const term = wantsTty(terminal) ? terminal.env["TERM"] : undefined;
  const command = containerCommand(compiled.config.config, args, { term, env: variablesOf(env, terminal.env) });
  if (ref === undefined || command.args.length === 0) {
    throw new BuildError("nothing-to-run", `image ${name} says neither ENTRYPOINT nor CMD`, {
      hint: `name the command: mzimage run ${name} COMMAND …`,
    });
  }
  await using container = await openContainer(gateway, image, ref);
  await container.run({ args: [INIT], cwd: command.cwd }).started;
  // Awaited here: the container is released when this function returns.
  return await attach(terminal, command, (options) => container.run(options));
}

/** As docker's `--env` has it: a name alone is a variable of the caller's, or none where the caller has none. */
function variablesOf(given: readonly string[], callers: Terminal["env"]): readonly string[] {
  return given.flatMap((text) => {
    if (text.includes("=")) return [text];
    const value = callers[text];
    return value === undefined ? [] : [`${text}=${value}`];
  });
}

async function openContainer(gateway: Gateway, { name, variant }: BuiltImage, ref: string): Promise<Container> {
  const program = mkfile("/init", 0o755, initProgram(variant.architecture));
  const init = scratch().file([program], { name: "[internal] first process" });
  const result = await gateway.solve({ Definition: definitionToProto(marshal(init.output)), Evaluate: true });
  return gateway.newContainer({
    // Names of images may have what names of machines may not.
    ...(/^[A-Za-z0-9-]{1,63}$/.test(name) ? { hostname: name } : {}),
    Mounts: [
      { dest: "/", resultID: ref },
      { dest: INIT, selector: "/init", readonly: true, resultID: result.ref?.id },
    ],
  });
}
