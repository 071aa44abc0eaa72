/** `mzimage run`: builds an image and runs it, in Docker where Docker builds, else in a container of the engine itself. */
import { planExports } from "../../client/index.ts";
import { formatPlatform } from "../../llb/index.ts";
import { platformOf } from "../../mzbuild/index.ts";
import { type BuildRequest, type BuiltImage, buildImages } from "../build/build-images.ts";
import { checkPublished } from "../build/check-published.ts";
import { oneVariantFor } from "../build/platforms.ts";
import { prepareBuild } from "../build/prepare.ts";
import { sendImage } from "../build/send-images.ts";
import type { Offered } from "../build/services.ts";
import { waitForPublished } from "../build/wait-for-published.ts";
import { type DockerCommand, engineDocker, isDockerEngine, runDocker } from "../docker/docker-command.ts";
import { runInDocker } from "../docker/run-in-docker.ts";
import type { ConnectedEngine } from "../engine-host.ts";
import { openFromOptions } from "../open-repository.ts";
import type { GlobalOptions, RunFlags } from "../option-values.ts";
import { runInContainer } from "../run/in-container.ts";
import { tellFailure } from "../tell-failure.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

/** The exit code of the container. Throws as `buildImages` does, and `BuildError` "image-not-published" in CI. */
export async function run(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: RunFlags,
  name: string,
  args: readonly string[],
): Promise<number> {
  const open = await openFromOptions(terminal, globals, flags);
  open.repository.resolve([name]);
  const variant = oneVariantFor(open.variant, flags.platform, "an image is run for one platform");
  const { progress, connected, given } = await prepareBuild(terminal, flags);
  await using _connection = connected;
  const docker = await dockerOf(terminal, connected);
  if (docker === undefined) checkWithoutDocker(flags);
  const exports = planExports([], {
    directory: terminal.cwd,
    stdout: undefined,
    dockerLoad: { environment: terminal.env },
  });
  const building = new AbortController();
  const cancel = (): void => building.abort(terminal.signal.reason);
  terminal.signal.addEventListener("abort", cancel);
  const request = {
    ...{ terminal, open, connected, flags, given, exports, progress, targets: [name], variants: [variant] },
    signal: building.signal,
    onPlan: (plan) => checkPublished(plan, open.naming, terminal.env),
  } satisfies BuildRequest;
  // From then on signals are the container's.
  const built = (): void => {
    progress.finish("done");
    terminal.signal.removeEventListener("abort", cancel);
  };
  const fingerprints = await open.repository.fingerprints([name], variant);
  const reference = open.specOf(name, fingerprints.get(name) ?? "");
  let exitCode = 0;
  const waiting = { env: terminal.env, signal: building.signal, warn: (text: string) => progress.warning(text) };
  const work = () =>
    buildImages({
      ...request,
      use: async (gateway, [image], offered) => {
        if (image === undefined) return;
        if (docker !== undefined) return giveToDocker(request, image, offered, reference);
        built();
        exitCode = await runInContainer({ terminal, gateway, image, args, env: flags.env ?? [] });
      },
    });
  await tellFailure(terminal, progress, () => waitForPublished(waiting, work));
  if (docker === undefined) return exitCode;
  built();
  const platform = formatPlatform(platformOf(variant.architecture));
  return runInDocker({ terminal, docker, reference, platform, options: dockerOptions(flags), args });
}

/** Where Docker builds, and its command is there, people find their containers with it. */
async function dockerOf(terminal: Terminal, { engine }: ConnectedEngine): Promise<DockerCommand | undefined> {
  if (!isDockerEngine(engine)) return undefined;
  const docker = engineDocker(terminal, engine);
  const { exitCode } = await runDocker(docker, ["--version"]);
  return exitCode === 0 ? docker : undefined;
}

function checkWithoutDocker({ publish, volume }: RunFlags): void {
  const option = publish !== undefined ? "--publish" : volume !== undefined ? "--volume" : undefined;
  if (option === undefined) return;
  const hint =
    "start Docker, or run `mzimage acquire --load` and then `docker run`; `mzimage run` says which engine it uses";
  throw new UsageError(`${option} is for images that run in Docker, and the engine is none`, hint);
}

async function giveToDocker(
  request: BuildRequest,
  image: BuiltImage,
  offered: Offered,
  reference: string,
): Promise<void> {
  const output = { kind: "docker-load", attrs: { name: reference } } as const;
  await sendImage({ request, offered, image, outputs: [output] });
}

function dockerOptions({ publish = [], volume = [], env = [] }: RunFlags): readonly string[] {
  const repeated = (option: string, values: readonly string[]) => values.flatMap((value) => [option, value]);
  return [...repeated("--publish", publish), ...repeated("--volume", volume), ...repeated("--env", env)];
}
