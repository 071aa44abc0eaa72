/**
 * A frontend request, from the daemon's question to its result: what `docker/dockerfile` does, with our compiler.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/builder/build.go (`Build`, `forwardGateway`).
 */
import { type Gateway, type GatewayCapabilities, RpcError } from "../../client/index.ts";
import { BuildError, type SourceMap } from "../../llb/index.ts";
import type { SourceTree } from "../../mzbuild/index.ts";
import type { gateway as contract, Init } from "../../proto/index.ts";
import {
  answerAll,
  answerRequest,
  type BuildResult,
  type ClaimedRequest,
  type ForwardedRequest,
  type LintWarning,
  parseBuildOptions,
} from "../dockerfile/index.ts";
import { buildImage } from "./build-image.ts";
import type { FrontendEnvironment } from "./environment.ts";
import { atLines, frontendError } from "./failure.ts";
import { isImageFile } from "./find-image.ts";
import { metadataBytes, solveBuilds } from "./solve-builds.ts";
import { solverOf } from "./solver.ts";
import { sendWarnings, warnAbout } from "./warnings.ts";
import { gatewayWorld } from "./world.ts";

type Result = Init<contract.Result>;

interface Building extends FrontendEnvironment {
  readonly gateway: Gateway;
  readonly capabilities: GatewayCapabilities;
  readonly signal: AbortSignal;
}

/** Throws `RpcError`, as the person who builds is to see it. Warnings have been sent by then. */
export async function buildDockerfile(
  gateway: Gateway,
  { opts, sessionId }: FrontendEnvironment,
  signal: AbortSignal,
): Promise<Result> {
  const sources = new Map<string, SourceMap>();
  const warnings: LintWarning[] = [];
  let source: SourceMap | undefined;
  const sendFound = async () => {
    if (source !== undefined) await sendWarnings(gateway, source, warnings, signal);
  };
  try {
    const capabilities = await gateway.ping({ signal });
    const request = {
      opts,
      sessionId,
      solver: solverOf(capabilities),
      hasInputs: capabilities.frontend.has("frontend.inputs"),
      onSource: (found: SourceMap) => {
        source = found;
        sources.set(found.filename, found);
      },
      claims: isImageFile,
    };
    const building = { gateway, opts, sessionId, capabilities, signal };
    const done = await answerAll(answerRequest(request, warnings), gatewayWorld(gateway, signal));
    if (done.kind === "forward") return await forward(building, done, source);
    if (done.kind === "claimed") return await buildClaimed(building, done, sources);
    const result = done.kind === "subrequest" ? { metadata: metadataBytes(done.metadata) } : solveDone(building, done);
    const [answer] = await Promise.all([result, sendFound()]);
    return answer;
  } catch (error) {
    await sendFound().catch(() => {
      // The build has failed; that a remark about it can't be shown is no news.
    });
    throw frontendError(error, sources, opts["requestid"]);
  }
}

/** An image of the repository; the files that its errors are about are read for them. */
async function buildClaimed(
  building: Building,
  { source, context }: ClaimedRequest,
  sources: Map<string, SourceMap>,
): Promise<Result> {
  const { gateway, signal } = building;
  const told: Promise<void>[] = [];
  let tree: SourceTree | undefined;
  try {
    return await buildImage({
      ...building,
      source,
      context,
      onTree: (found) => {
        tree = found;
      },
      onWarnings: (of, warnings) => told.push(sendWarnings(gateway, of, warnings, signal)),
      warn: (text) => told.push(warnAbout(gateway, source, text, signal)),
    });
  } catch (error) {
    if (error instanceof BuildError && tree !== undefined) await addSources(tree, error, sources);
    throw error;
  } finally {
    await Promise.all(told);
  }
}

async function addSources(tree: SourceTree, error: BuildError, sources: Map<string, SourceMap>): Promise<void> {
  const paths = error.at.map(({ file }) => file);
  for (const [index, data] of (await tree.readFiles(paths)).entries()) {
    const filename = paths[index] ?? "";
    const language = filename.endsWith(".yml") ? "YAML" : "Dockerfile";
    if (data !== undefined) sources.set(filename, { filename, language, data, origin: undefined });
  }
}

function solveDone({ gateway, opts, capabilities, signal }: Building, { builds }: BuildResult): Promise<Result> {
  return solveBuilds(gateway, builds, parseBuildOptions(opts, solverOf(capabilities)), signal);
}

/** Another frontend does it all. An error of it that shows no lines is one of the line that asked for it. */
async function forward(
  { gateway, opts, capabilities, signal }: Building,
  { frontend, cmdline, ranges }: ForwardedRequest,
  source: SourceMap | undefined,
): Promise<Result> {
  try {
    const inputs = capabilities.frontend.has("frontend.inputs") ? await gateway.inputs({ signal }) : {};
    const request = { Frontend: "gateway.v0", FrontendOpt: { ...opts, cmdline, source: frontend } };
    return await gateway.solve({ ...request, FrontendInputs: inputs }, { signal });
  } catch (thrown) {
    const error = RpcError.from(thrown);
    if (error.details.some(({ typeUrl }) => typeUrl.endsWith("errdefs.Source+json"))) throw error;
    if (ranges !== undefined && source !== undefined) throw atLines(error, source, ranges);
    const message = `failed with build-arg:BUILDKIT_SYNTAX = ${cmdline}: ${error.message}`;
    throw new RpcError(error.code, message, { details: error.details, cause: error });
  }
}
