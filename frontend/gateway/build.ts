/**
 * A frontend request, from the daemon's question to its result: what `docker/dockerfile` does, with our compiler.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/builder/build.go (`Build`, `forwardGateway`).
 */
import { type Gateway, type GatewayCapabilities, RpcError } from "../../client/index.ts";
import { definitionToProto, marshal, type SourceMap } from "../../llb/index.ts";
import type { gateway as contract, Init } from "../../proto/index.ts";
import {
  answerAll,
  answerRequest,
  type BuildResult,
  type ForwardedRequest,
  type LintWarning,
  platformKey,
} from "../dockerfile/index.ts";
import { cacheImports } from "./cache-imports.ts";
import type { FrontendEnvironment } from "./environment.ts";
import { atLines, frontendError } from "./failure.ts";
import { solverOf } from "./solver.ts";
import { sendWarnings } from "./warnings.ts";
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
    };
    const building = { gateway, opts, sessionId, capabilities, signal };
    const done = await answerAll(answerRequest(request, warnings), gatewayWorld(gateway, signal));
    if (done.kind === "forward") return await forward(building, done, source);
    const result = done.kind === "subrequest" ? { metadata: metadataOf(done.metadata) } : solveAll(building, done);
    const [answer] = await Promise.all([result, sendFound()]);
    return answer;
  } catch (error) {
    await sendFound().catch(() => {
      // The build has failed; that a remark about it can't be shown is no news.
    });
    throw frontendError(error, sources, opts["requestid"]);
  }
}

/** Hands each platform's graph to the daemon. Nothing runs before somebody looks at a result. */
async function solveAll({ gateway, opts, signal }: Building, done: BuildResult): Promise<Result> {
  const imports = cacheImports(opts);
  const solved = await Promise.all(
    done.builds.map(async ({ platform, compiled }) => {
      const definition = definitionToProto(marshal(compiled.output));
      const { ref } = await gateway.solve({ Definition: definition, CacheImports: imports }, { signal });
      return [platformKey(platform), ref ?? { id: "", def: undefined }] as const;
    }),
  );
  const metadata = metadataOf(done.metadata);
  const [first] = solved;
  if (!done.multiPlatform && first !== undefined) return { ref: first[1], metadata };
  return { refs: { refs: Object.fromEntries(solved) }, metadata };
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

function metadataOf(texts: ReadonlyMap<string, string>): Record<string, Uint8Array> {
  const encoder = new TextEncoder();
  return Object.fromEntries([...texts].map(([key, text]) => [key, encoder.encode(text)]));
}
