/**
 * `mzimage acquire` and `mzimage ensure`: have images where they are wanted, in the engine or in the registry, building what is
 * in neither. docs/mzimage.md.
 */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type OutputOption, parseOutput, planExports } from "../../client/index.ts";
import { formatPlatform } from "../../llb/index.ts";
import { type Plan, platformOf, selectImages, type Variant } from "../../mzbuild/index.ts";
import { checkNamedBuildArgs } from "../build/build-args.ts";
import { type BuildRequest, type BuiltImage, buildImages, checkExports } from "../build/build-images.ts";
import { checkPublished } from "../build/check-published.ts";
import { outputsForEngine } from "../build/engine-outputs.ts";
import { namedCaches } from "../build/named-caches.ts";
import { variantsFor } from "../build/platforms.ts";
import { prepareBuild } from "../build/prepare.ts";
import { sendImage } from "../build/send-images.ts";
import type { Offered } from "../build/services.ts";
import { waitForPublished } from "../build/wait-for-published.ts";
import { type DockerCommand, engineDocker, isDockerEngine, userDocker } from "../docker/docker-command.ts";
import { imagesInDocker } from "../docker/docker-images.ts";
import { pushInputs } from "../inputs/push-inputs.ts";
import { type OpenRepository, openFromOptions } from "../open-repository.ts";
import type { AcquireFlags, GlobalOptions } from "../option-values.ts";
import { outputFile } from "../output-file.ts";
import { eachLimited, REQUESTS_AT_ONCE } from "../publish/each-limited.ts";
import { tellFailure } from "../tell-failure.ts";
import type { Terminal } from "../terminal.ts";
import { checkSelection } from "./select.ts";

/** One image of one platform, as `--json` and `--metadata-file` tell of it. */
export interface Acquired {
  readonly name: string;
  readonly platform: string;
  readonly spec: string;
  readonly action: "reused" | "built" | "pushed";
  /** Of the manifest, where it was pushed. */
  readonly digest?: string;
}

/** Throws as `buildImages` does, and `BuildError` "image-not-published" in CI. */
export function acquire(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: AcquireFlags,
  names: readonly string[],
): Promise<void> {
  return acquireImages(terminal, globals, flags, names);
}

/** As {@link acquire}; everything that is published ends up in the registry, and may be built in CI, too: that is CI's job. */
export function ensure(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: AcquireFlags,
  names: readonly string[],
): Promise<void> {
  return acquireImages(terminal, globals, { ...flags, push: true }, names);
}

async function acquireImages(
  terminal: Terminal,
  globals: GlobalOptions,
  flags: AcquireFlags,
  names: readonly string[],
): Promise<void> {
  checkSelection(names, flags);
  checkNamedBuildArgs(flags.buildArg);
  const open = await openFromOptions(terminal, globals, flags);
  const targets = targetsOf(open, selectImages(open.repository.images, { names, all: flags.all }), flags);
  await acquireTargets(terminal, open, flags, targets);
}

/** The images of these names in a repository that is open. Throws as {@link acquire}. */
export async function acquireTargets(
  terminal: Terminal,
  open: OpenRepository,
  flags: AcquireFlags,
  targets: readonly string[],
): Promise<void> {
  const place = { directory: terminal.cwd, stdout: undefined, dockerLoad: { environment: terminal.env } };
  if (flags.metadataFile !== undefined) outputFile(terminal, "--metadata-file", flags.metadataFile);
  const outputs = (flags.output ?? []).map(parseOutput);
  checkExports(targets, planExports(outputs, place));
  const variants = variantsFor(open.variant, flags.platform);
  // What is exported, pushed or cached has to be built, wherever it is already.
  const mayBeThere = outputs.length === 0 && !flags.push && flags.cacheTo === undefined;
  const wanted = await specsOf(open, targets, variants);
  const acquired = mayBeThere && flags.load ? await held(userDocker(terminal), wanted) : [];
  if (acquired.length === wanted.length) {
    sayHeld(acquired, (text) => flags.progress !== "quiet" && terminal.stderr.write(`${text}\n`));
    return report(terminal, flags, acquired, wanted);
  }
  const { progress, connected, given } = await prepareBuild(terminal, flags);
  await using _connection = connected;
  if (mayBeThere && !flags.load && isDockerEngine(connected.engine)) {
    acquired.push(...(await held(engineDocker(terminal, connected.engine), wanted)));
  }
  sayHeld(acquired, (text) => progress.note(text));
  const missing = targets.filter((target) => !acquired.some(({ name }) => name === target));
  if (missing.length === 0) {
    progress.finish("done");
    return report(terminal, flags, acquired, wanted);
  }
  await tellFailure(terminal, progress, async () => {
    const fitted = await outputsForEngine(terminal, connected, progress, outputs);
    const toDocker = flags.load === true || (isDockerEngine(connected.engine) && !flags.push);
    const names = { from: flags.cacheFrom ?? [], to: flags.cacheTo ?? [] };
    const warn = (text: string): void => progress.warning(text);
    const caches = await namedCaches(names, { env: terminal.env, directory: terminal.cwd, onWarning: warn });
    const request = {
      terminal,
      open,
      connected,
      flags,
      given,
      targets: missing,
      variants,
      exports: planExports(fitted.outputs, place),
      caches,
      registryOnly: flags.push === true,
      // Docker has to get them, and exports and caches are made of them. A BuildKit of its own would fetch no layer either.
      leavesReused: !toDocker && outputs.length === 0 && flags.cacheTo === undefined,
      progress,
      signal: terminal.signal,
      onPlan: (plan: Plan) => {
        if (!flags.push) checkPublished(plan, open.naming, terminal.env);
      },
    } satisfies BuildRequest;
    const waiting = { env: terminal.env, signal: terminal.signal, warn };
    await waitForPublished(waiting, () =>
      buildImages({
        ...request,
        use: async (_gateway, images, offered) => {
          const sent = await sendAll(request, images, wanted, offered);
          const left = leftAlone(wanted, [...acquired, ...sent]);
          for (const { name, spec } of left) progress.note(`${name} is in the registry: ${spec}`);
          acquired.push(...sent, ...left);
        },
      }),
    );
    await fitted.finish();
  });
  await report(terminal, flags, acquired, wanted);
}

type Wanted = Pick<Acquired, "name" | "platform" | "spec">;

async function specsOf(
  { repository, specOf }: OpenRepository,
  names: readonly string[],
  variants: readonly Variant[],
): Promise<readonly Wanted[]> {
  const wanted = await Promise.all(
    variants.map(async (variant) => {
      const fingerprints = await repository.fingerprints(names, variant);
      const platform = platformText(variant);
      return names.map((name) => ({ name, platform, spec: specOf(name, fingerprints.get(name) ?? "") }));
    }),
  );
  return wanted.flat();
}

function platformText({ architecture }: Variant): string {
  return formatPlatform(platformOf(architecture));
}

/** The images that Docker has, for all platforms: the specs name their content, so there is nothing to be done for them. */
async function held(docker: DockerCommand, wanted: readonly Wanted[]): Promise<Acquired[]> {
  const there = await imagesInDocker(
    docker,
    wanted.map(({ spec }) => spec),
  );
  const lacking = new Set(wanted.filter(({ spec }) => !there.has(spec)).map(({ name }) => name));
  return wanted.filter(({ name }) => !lacking.has(name)).map((image) => ({ ...image, action: "reused" }));
}

/** Without dependencies, which are built where they are needed; to be pushed are those, too. */
function targetsOf(
  { repository }: OpenRepository,
  names: readonly string[],
  { push }: AcquireFlags,
): readonly string[] {
  const images = repository.resolve(names);
  if (!push) return names;
  return images.filter(({ name, publish }) => publish || names.includes(name)).map(({ name }) => name);
}

function sayHeld(images: readonly Acquired[], say: (text: string) => void): void {
  const names = new Set(images.map(({ name }) => name));
  if (names.size > 0) say(`in Docker already: ${[...names].join(", ")}`);
}

type AcquireRequest = BuildRequest & { readonly flags: AcquireFlags };

/** Some at once: each has a session, which the daemon gives up where it hears nothing for long, as on a machine with too much to do. */
async function sendAll(
  request: AcquireRequest,
  images: readonly BuiltImage[],
  wanted: readonly Wanted[],
  offered: Offered,
): Promise<readonly Acquired[]> {
  return eachLimited(images, REQUESTS_AT_ONCE, async (image): Promise<Acquired> => {
    const platform = platformText(image.variant);
    const known = wanted.find((each) => each.name === image.name && each.platform === platform);
    if (known === undefined) throw new TypeError(`${image.name} was not wanted`);
    const outputs = destinations(request, image, known.spec);
    if (outputs.length === 0) return { ...known, action: image.reused ? "reused" : "built" };
    const response = await sendImage({ request, offered, image, outputs });
    if (!pushes(request, image)) return { ...known, action: image.reused ? "reused" : "built" };
    const digest = response["containerimage.digest"];
    const { terminal, open, progress } = request;
    await pushInputs(terminal, open.repository, { ...image, spec: known.spec }, (text) => progress.warning(text));
    return { ...known, action: "pushed", ...(digest === undefined ? {} : { digest }) };
  });
}

function pushes({ flags, open }: AcquireRequest, { name, reused }: BuiltImage): boolean {
  return flags.push === true && !reused && open.repository.image(name).publish;
}

/** Where one image has to go under its spec. Docker's own engine keeps only what is exported to it; what it pushes it has, too. */
function destinations(request: AcquireRequest, image: BuiltImage, spec: string): readonly OutputOption[] {
  const { flags, connected } = request;
  const inDocker = isDockerEngine(connected.engine);
  const load = { kind: "docker-load", attrs: { name: spec } } as const;
  const push = { kind: "daemon", type: "image", attrs: { name: spec, push: "true", unpack: "false" } } as const;
  if (pushes(request, image)) return flags.load && !inDocker ? [load, push] : [push];
  const isLeftAlone = flags.push === true && image.reused;
  return flags.load || (inDocker && !isLeftAlone) ? [load] : [];
}

/** What was wanted and has not been touched, since the registry has it. */
function leftAlone(wanted: readonly Wanted[], others: readonly Acquired[]): readonly Acquired[] {
  const touched = new Set(others.map(({ spec }) => spec));
  return wanted.filter(({ spec }) => !touched.has(spec)).map((image) => ({ ...image, action: "reused" }));
}

/** In the order of `wanted`, which is that of the names. */
async function report(
  terminal: Terminal,
  flags: AcquireFlags,
  all: readonly Acquired[],
  wanted: readonly Wanted[],
): Promise<void> {
  const order = wanted.map(({ spec }) => spec);
  const acquired = [...all].sort((one, other) => order.indexOf(one.spec) - order.indexOf(other.spec));
  const text = `${JSON.stringify(acquired, undefined, 2)}\n`;
  if (flags.metadataFile !== undefined) await writeFile(resolve(terminal.cwd, flags.metadataFile), text);
  if (flags.json) terminal.stdout.write(text);
}
