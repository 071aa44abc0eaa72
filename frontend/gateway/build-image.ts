/**
 * A file of the repository as the request's Dockerfile: an `mzbuild.yml`, or a Dockerfile with MZFROM. The build context is
 * the repository's root. docs/frontend.md has the options.
 */
import { createHash } from "node:crypto";
import { BuildError, formatPlatform, local, type SourceMap } from "../../llb/index.ts";
import {
  type Naming,
  NO_SETTINGS,
  namingOf,
  openRepository,
  PROFILES,
  parseArchitecture,
  parseSanitizer,
  platformOf,
  type Repository,
  type SourceTree,
  scanMzfrom,
  type Variant,
  variantOf,
} from "../../mzbuild/index.ts";
import type { gateway as contract, Init } from "../../proto/index.ts";
import { type Attributes, type CompiledDockerfile, parseBuildOptions, platformKey } from "../dockerfile/index.ts";
import { type CompileTask, compilePlan } from "./compile-plan.ts";
import { type ContextRequest, contextSession, repositoryContext } from "./repository-context.ts";
import { metadataBytes, solveBuilds } from "./solve-builds.ts";
import { solverOf } from "./solver.ts";
import { adviseUnreachable, type StandIns } from "./stand-ins.ts";
import { gatewayWorld } from "./world.ts";

export const IMAGE_FILE = "mzbuild.yml";

export interface ImageRequest extends ContextRequest {
  /** The file that the request names. */
  readonly source: SourceMap;
  /** Told of files that errors may be about. */
  readonly onTree: (tree: SourceTree) => void;
  readonly warn: (text: string) => void;
}

/** Whether a file is one for {@link buildImage}. */
export function isImageFile({ filename, data }: SourceMap): boolean {
  return baseName(filename) === IMAGE_FILE || scanMzfrom(filename, data).length > 0;
}

/** Throws `BuildError`, and `RpcError` when the daemon fails. */
export async function buildImage(request: ImageRequest): Promise<Init<contract.Result>> {
  const { gateway, opts, capabilities, warn, signal } = request;
  if (opts["context"] !== undefined && opts["context"] !== "") {
    throw new BuildError("remote-context", "images of a repository are built from a directory of the client", {
      hint: "give the repository's root as the build context",
    });
  }
  const [tree, declaration] = await Promise.all([repositoryContext(request), readDeclaration(request)]);
  request.onTree(tree);
  const repository = await openRepository(tree);
  const name = imageOf(repository, declaration, request.source);
  const env = buildArguments(opts);
  const { settings } = repository;
  const naming = namingOf(
    { registry: env["MZ_IMAGE_REGISTRY"], prefix: env["MZ_IMAGE_PREFIX"] },
    { registry: settings === NO_SETTINGS ? undefined : (settings.registry ?? ""), prefix: settings.imagePrefix },
    env,
  );
  const attributes = sharedAttributes(opts);
  const task = {
    gateway,
    capabilities,
    repository,
    naming,
    repositoryId: repositoryId(naming),
    sessionId: contextSession(request),
    attributes,
    registryOnly: parseBuildOptions(attributes, solverOf(capabilities)).resolveMode === "pull",
    standIns: noStandIns,
    targets: [name],
    // What was asked for is built, whatever a registry has: the request wants its steps.
    rebuild: new Set([name]),
    warn,
    signal,
  };
  const built = await Promise.all(
    variantsOf(request, repository, env).map(async (variant) => ({ variant, ...(await compileImage(task, variant)) })),
  );
  return solveAll(request, built);
}

interface CompiledImage {
  readonly spec: string;
  readonly compiled: CompiledDockerfile;
}

async function compileImage(task: CompileTask, variant: Variant): Promise<CompiledImage> {
  const { plan, images } = await compilePlan(task, variant);
  const [name = ""] = task.targets;
  const compiled = images.get(name);
  const spec = plan.steps.find(({ image }) => image.name === name)?.spec;
  if (compiled === undefined || spec === undefined) throw new TypeError(`${name} was planned, and not compiled`);
  return { spec, compiled };
}

/** A frontend has no packages to make a base of; the person who builds can give one. */
const noStandIns: StandIns = {
  contexts: new Map(),
  standIn: async () => false,
  advise: (error) =>
    adviseUnreachable(
      error,
      "the registry can't be reached; --build-context NAME=… gives the build another image for it",
    ),
};

/** Nobody tells a frontend where the repository lies, so caches are kept apart by what its images are called. */
function repositoryId({ registry, prefix }: Naming): string {
  return `frontend-${createHash("sha256").update(`${registry}\0${prefix}`).digest("hex").slice(0, 8)}`;
}

async function solveAll(
  { gateway, opts, capabilities, signal }: ImageRequest,
  built: readonly (CompiledImage & { readonly variant: Variant })[],
): Promise<Init<contract.Result>> {
  const options = parseBuildOptions(opts, solverOf(capabilities));
  const builds = built.map(({ variant, compiled }) => ({
    platform: platformOf(variant.architecture),
    compiled: withLabels(compiled, options.labels),
  }));
  const result = await solveBuilds(gateway, builds, options, signal);
  // Keys that begin like this reach the client with the exporters' response.
  const specs = built.map(({ variant, spec }): readonly [string, string] => {
    const suffix = options.multiPlatform ? `/${platformKey(platformOf(variant.architecture))}` : "";
    return [`frontend.mzbuild.spec${suffix}`, spec];
  });
  return { ...result, metadata: { ...result.metadata, ...metadataBytes(new Map(specs)) } };
}

/** Labels of the request are for the image that was asked for, not for what it is built on. */
function withLabels(compiled: CompiledDockerfile, labels: ReadonlyMap<string, string>): CompiledDockerfile {
  const { config } = compiled.config;
  if (labels.size === 0) return compiled;
  return {
    ...compiled,
    config: { ...compiled.config, config: { ...config, labels: new Map([...config.labels, ...labels]) } },
  };
}

/** Clients send the directory of the Dockerfile as a tree of its own, and not where in the repository it lies. */
async function readDeclaration(request: ImageRequest): Promise<string | undefined> {
  const { source, gateway, signal, opts, sessionId } = request;
  if (baseName(source.filename) === IMAGE_FILE) return new TextDecoder().decode(source.data);
  const path = source.filename.slice(0, source.filename.lastIndexOf("/") + 1) + IMAGE_FILE;
  const { output } = local("dockerfile", {
    sessionId: opts["local-sessionid:dockerfile"] ?? sessionId,
    followPaths: [path],
    sharedKeyHint: "dockerfile-mzbuild",
    differ: "none",
    name: `[internal] load ${IMAGE_FILE}`,
  });
  if (output === undefined) throw new TypeError("a local source has an output");
  const { files } = await gatewayWorld(gateway, signal).files({
    kind: "files",
    output,
    paths: [path],
    limit: undefined,
  });
  const bytes = files.get(path);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** The image whose directory has the very files that the client sent. */
function imageOf(repository: Repository, declaration: string | undefined, source: SourceMap): string {
  const at = [{ file: source.filename, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } }];
  if (declaration === undefined) {
    throw new BuildError(
      "not-an-image",
      `there is no ${IMAGE_FILE} beside ${source.filename}, and it has MZFROM lines`,
      {
        at: scanMzfrom(source.filename, source.data)
          .slice(0, 1)
          .map((line) => line.at),
        hint: "MZFROM is for the images of a repository, each in a directory of its own",
      },
    );
  }
  const name = /^name:[ \t]*["']?([^\s"'#]+)/m.exec(declaration)?.[1];
  const image = name === undefined ? undefined : repository.images.get(name);
  if (image !== undefined) return image.name;
  const what = name === undefined ? "names no image" : `names the image ${name}, which the build context doesn't have`;
  throw new BuildError("unknown-image", `the ${IMAGE_FILE} of this build ${what}`, {
    at,
    hint: "the build context has to be the repository's root",
  });
}

function variantsOf({ opts, capabilities }: ImageRequest, repository: Repository, env: Attributes): readonly Variant[] {
  const { targetPlatforms, buildPlatform } = parseBuildOptions(opts, solverOf(capabilities));
  const platforms = targetPlatforms.length > 0 ? targetPlatforms : [buildPlatform];
  const { MZ_PROFILE: named, MZ_SANITIZER: sanitizer } = env;
  const profile = PROFILES.find((known) => known === named);
  if (named !== undefined && profile === undefined) {
    const hint = `the profiles are ${PROFILES.join(", ")}`;
    throw new BuildError("unknown-profile", `MZ_PROFILE names ${JSON.stringify(named)}, which is no profile`, { hint });
  }
  return platforms.map((platform) => {
    if (platform.os !== "linux") {
      throw new BuildError(
        "bad-platform",
        `images of a repository are built for Linux, not ${formatPlatform(platform)}`,
      );
    }
    const options = {
      profile,
      architecture: parseArchitecture(platform.architecture),
      sanitizer: sanitizer === undefined ? undefined : parseSanitizer(sanitizer, "MZ_SANITIZER"),
    };
    const hostArchitecture = platform.architecture;
    return variantOf(options, { env, hostArchitecture, profile: repository.settings.profile });
  });
}

/** The request's build arguments stand for the environment that a client would have. */
function buildArguments(opts: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(opts).flatMap(([key, value]) =>
      key.startsWith("build-arg:") ? [[key.slice("build-arg:".length), value]] : [],
    ),
  );
}

const shared =
  /^(?:context:|build-arg:(?!MZ_|CI_|BUILDKIT_SYNTAX$)|local-sessionid:|no-cache$|image-resolve-mode$|add-hosts$|shm-size$|ulimit$|cgroup-parent$|force-network-mode$|hostname$|build-platform$)/;

/** What holds for every image of the graph, and not only for the one that was asked for. */
function sharedAttributes(opts: Attributes): Attributes {
  return Object.fromEntries(Object.entries(opts).filter(([key]) => shared.test(key)));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
