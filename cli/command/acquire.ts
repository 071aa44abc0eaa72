/**
 * `mzimage acquire` and `mzimage ensure`: have images where they are wanted, in the engine or in the registry, building what is
 * in neither. docs/mzimage.md.
 */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type OutputOption,
  parseCacheOption,
  parseOutput,
  planCaches,
  planExports,
  withEnvironment,
} from "../../client/index.ts";
import { formatPlatform } from "../../llb/index.ts";
import { type Plan, platformOf, selectImages, type Variant } from "../../mzbuild/index.ts";
import { type BuildRequest, type BuiltImage, buildImages, checkExports } from "../build/build-images.ts";
import { checkPublished } from "../build/check-published.ts";
import { variantsFor } from "../build/platforms.ts";
import { prepareBuild } from "../build/prepare.ts";
import { sendImage } from "../build/send-images.ts";
import type { Offered } from "../build/services.ts";
import { type OpenRepository, openFromOptions } from "../open-repository.ts";
import type { AcquireFlags, GlobalOptions } from "../option-values.ts";
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
  const open = await openFromOptions(terminal, globals, flags);
  const targets = targetsOf(open, selectImages(open.repository.images, { names, all: flags.all }), flags);
  const place = { directory: terminal.cwd, stdout: undefined, dockerLoad: { environment: terminal.env } };
  const exports = planExports((flags.output ?? []).map(parseOutput), place);
  checkExports(targets, exports);
  const variants = variantsFor(open.variant, flags.platform);
  const { progress, connected, given } = await prepareBuild(terminal, flags);
  await using _connection = connected;
  const acquired: Acquired[] = [];
  await tellFailure(terminal, progress, async () => {
    const caches = await cachesOf(terminal, flags, (text) => progress.warning(text));
    const request = {
      terminal,
      open,
      connected,
      flags,
      given,
      targets,
      variants,
      exports,
      caches,
      registryOnly: flags.push === true,
      progress,
      signal: terminal.signal,
      onPlan: (plan: Plan) => {
        if (!flags.push) checkPublished(plan, terminal.env);
      },
    } satisfies BuildRequest;
    await buildImages({
      ...request,
      use: async (_gateway, images, offered) => {
        acquired.push(...(await sendAll(request, images, offered)));
      },
    });
  });
  await report(terminal, flags, acquired);
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

async function cachesOf(terminal: Terminal, flags: AcquireFlags, onWarning: (text: string) => void) {
  const from = (flags.cacheFrom ?? []).flatMap((text) => parseCacheOption("--cache-from", text));
  const to = (flags.cacheTo ?? []).flatMap((text) => parseCacheOption("--cache-to", text));
  const { env, cwd } = terminal;
  return planCaches(withEnvironment(from, env), withEnvironment(to, env), { directory: cwd, onWarning });
}

type AcquireRequest = BuildRequest & { readonly flags: AcquireFlags };

/** All at once: the daemon orders what they share, and limits connections to a registry itself. */
async function sendAll(
  request: AcquireRequest,
  images: readonly BuiltImage[],
  offered: Offered,
): Promise<readonly Acquired[]> {
  return Promise.all(
    images.map(async (image): Promise<Acquired> => {
      const spec = await specFor(request.open, image.name, image.variant);
      const outputs = destinations(request, image, spec);
      const platform = formatPlatform(platformOf(image.variant.architecture));
      const known = { name: image.name, platform, spec };
      if (outputs.length === 0) return { ...known, action: image.reused ? "reused" : "built" };
      const response = await sendImage({ request, offered, image, outputs });
      if (!pushes(request, image)) return { ...known, action: image.reused ? "reused" : "built" };
      const digest = response["containerimage.digest"];
      return { ...known, action: "pushed", ...(digest === undefined ? {} : { digest }) };
    }),
  );
}

function pushes({ flags, open }: AcquireRequest, { name, reused }: BuiltImage): boolean {
  return flags.push === true && !reused && open.repository.image(name).publish;
}

/** Where one image has to go under its spec. Docker's own engine keeps only what is exported to it. */
function destinations(request: AcquireRequest, image: BuiltImage, spec: string): readonly OutputOption[] {
  const { flags, connected } = request;
  const attrs = { name: spec };
  const intoDocker: readonly OutputOption[] =
    connected.engine.kind === "docker"
      ? [{ kind: "daemon", type: "moby", attrs }]
      : flags.load
        ? [{ kind: "docker-load", attrs }]
        : [];
  const push = { kind: "daemon", type: "image", attrs: { ...attrs, push: "true", unpack: "false" } } as const;
  return [...intoDocker, ...(pushes(request, image) ? [push] : [])];
}

async function specFor({ repository, specOf }: OpenRepository, name: string, variant: Variant): Promise<string> {
  const fingerprints = await repository.fingerprints([name], variant);
  return specOf(name, fingerprints.get(name) ?? "");
}

async function report(terminal: Terminal, flags: AcquireFlags, acquired: readonly Acquired[]): Promise<void> {
  const text = `${JSON.stringify(acquired, undefined, 2)}\n`;
  if (flags.metadataFile !== undefined) await writeFile(resolve(terminal.cwd, flags.metadataFile), text);
  if (flags.json) terminal.stdout.write(text);
}
