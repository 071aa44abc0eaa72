/**
 * A file of the repository as the request's Dockerfile: an `mzbuild.yml`, or a Dockerfile with MZFROM. The build context is
 * the repository's root. docs/frontend.md has the rules.
 */
import type { SourceMap } from "../../llb/index.ts";
import {
  type Image,
  openRepository,
  platformOf,
  type Repository,
  type SourceTree,
  type Variant,
} from "../../mzbuild/index.ts";
import type { gateway as contract, Init } from "../../proto/index.ts";
import { type CompiledDockerfile, type LintWarning, platformKey } from "../dockerfile/index.ts";
import { CARGO_BUILDER, type CompileTask, compilePlan } from "./compile-plan.ts";
import { findImage, readSentFiles } from "./find-image.ts";
import {
  type ImageOptions,
  imageNaming,
  imageOptions,
  imageVariants,
  registryTimeoutSeconds,
} from "./image-options.ts";
import { answerImageRequest } from "./image-subrequest.ts";
import { type ContextRequest, repositoryContext } from "./repository-context.ts";
import { metadataBytes, solveBuilds } from "./solve-builds.ts";
import { solverOf } from "./solver.ts";
import { adviseUnreachable, type StandIns } from "./stand-ins.ts";

export interface ImageRequest extends ContextRequest {
  /** The file that the request names. */
  readonly source: SourceMap;
  /** Told of files that errors may be about. */
  readonly onTree: (tree: SourceTree) => void;
  /** Told what the linter has found in the image's Dockerfile. */
  readonly onWarnings: (source: SourceMap, warnings: readonly LintWarning[]) => void;
  readonly warn: (text: string) => void;
}

/** Builds the image, or answers the sub-request about it. Throws `BuildError`, and `RpcError` when the daemon fails. */
export async function buildImage(request: ImageRequest): Promise<Init<contract.Result>> {
  const { gateway, opts, capabilities, warn, signal } = request;
  const options = imageOptions(opts, solverOf(capabilities));
  const [{ tree, files }, sent] = await Promise.all([
    repositoryContext(request),
    readSentFiles(request, request.source),
  ]);
  request.onTree(tree);
  const repository = await openRepository(tree);
  const image = await findImage(repository, sent, options.env["MZ_IMAGE"]);
  const variants = imageVariants(options, repository.settings);
  const naming = imageNaming(options, repository.settings);
  const task: CompileTask = {
    gateway,
    capabilities,
    repository,
    naming,
    sessionId: request.sessionId,
    files,
    attributes: options.shared,
    buildArgs: options.buildArgs,
    ownAttributes: new Map([[image.name, options.requested]]),
    registryOnly: options.build.resolveMode === "pull",
    registryTimeoutSeconds: registryTimeoutSeconds(options),
    cargoBuilder: options.env[CARGO_BUILDER],
    standIns: noStandIns,
    targets: [image.name],
    rebuild: rebuilt(repository, image, options),
    warn,
    signal,
  };
  const source = sourceOf(image, request.source);
  const [variant] = variants;
  if (opts["requestid"] !== undefined && variant !== undefined) {
    return answerImageRequest({ id: opts["requestid"], task, image, source, variant, opts });
  }
  const built = await Promise.all(
    variants.map(async (variant) => ({ variant, ...(await compileImage(task, image, variant)) })),
  );
  request.onWarnings(source, built[0]?.compiled.warnings ?? []);
  return solveAll(request, options, built);
}

/**
 * What was asked for is built, whatever a registry has: the request wants its steps. With arguments of the request, so is what it
 * is built on.
 */
function rebuilt(repository: Repository, { name }: Image, { isForeign }: ImageOptions): ReadonlySet<string> {
  return new Set(isForeign ? repository.resolve([name]).map((image) => image.name) : [name]);
}

/** The Dockerfile as it lies in the repository; its remarks are shown beside the step that loaded the request's file. */
function sourceOf({ path, dockerfile }: Image, { origin }: SourceMap): SourceMap {
  return { filename: `${path}/Dockerfile`, language: "Dockerfile", data: dockerfile, origin };
}

interface CompiledImage {
  readonly spec: string;
  readonly compiled: CompiledDockerfile;
}

async function compileImage(task: CompileTask, { name }: Image, variant: Variant): Promise<CompiledImage> {
  const { plan, images } = await compilePlan(task, variant);
  const compiled = images.get(name);
  const spec = plan.steps.find(({ image }) => image.name === name)?.spec;
  if (compiled === undefined || spec === undefined) throw new TypeError(`${name} was planned, and not compiled`);
  return { spec, compiled };
}

async function solveAll(
  { gateway, signal }: ImageRequest,
  { build, isForeign }: ImageOptions,
  built: readonly (CompiledImage & { readonly variant: Variant })[],
): Promise<Init<contract.Result>> {
  const builds = built.map(({ variant, compiled }) => ({ platform: platformOf(variant.architecture), compiled }));
  const result = await solveBuilds(gateway, builds, build, signal);
  // A stage of its Dockerfile is not the image, nor is what was built with other arguments.
  if (build.target !== "" || isForeign) return result;
  // Keys that begin like this reach the client with the exporters' response.
  const specs = built.map(({ variant, spec }): readonly [string, string] => {
    const suffix = build.multiPlatform ? `/${platformKey(platformOf(variant.architecture))}` : "";
    return [`frontend.mzbuild.spec${suffix}`, spec];
  });
  return { ...result, metadata: { ...result.metadata, ...metadataBytes(new Map(specs)) } };
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
