/**
 * Our errors as the daemon hands them to a client: with the lines that they are about, which `docker build` shows framed.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/builder/build.go (`wrapSource`), solver/errdefs, util/grpcerrors.
 */
import { RpcError, type RpcErrorDetail, sourceDetail, subrequestDetail } from "../../client/index.ts";
import { BuildError, definitionToProto, type LineRange, marshal, type SourceMap } from "../../llb/index.ts";
import { errorRanges } from "../dockerfile/index.ts";

/** Files that errors can be about, by the name that their places use. */
export type ErrorSources = ReadonlyMap<string, SourceMap>;

/**
 * The error of a call, from whatever was thrown. Code and details of an error that the daemon itself gave stay, as they do
 * when the original wraps one.
 */
export function frontendError(error: unknown, sources: ErrorSources, requestId: string | undefined): RpcError {
  if (!(error instanceof BuildError)) return RpcError.from(error);
  const under = daemonError(error);
  const details = [...(under?.details ?? []), ...sourceDetails(error, sources)];
  if (error.code === "unsupported-request") details.push(subrequestDetail(requestId ?? ""));
  const message = error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  return new RpcError(under?.code ?? "UNKNOWN", message, { details, cause: error });
}

/** The error with lines to show, unless it has some already. */
export function atLines(error: RpcError, source: SourceMap, ranges: readonly LineRange[]): RpcError {
  return new RpcError(error.code, error.message, {
    details: [...error.details, detailOf(source, ranges)],
    cause: error,
  });
}

function sourceDetails(error: BuildError, sources: ErrorSources): RpcErrorDetail[] {
  const ranges = errorRanges(error);
  return error.at.flatMap(({ file }, index) => {
    const source = sources.get(file);
    return source === undefined ? [] : [detailOf(source, ranges[index] ?? [])];
  });
}

function detailOf({ filename, language, data, origin }: SourceMap, ranges: readonly LineRange[]): RpcErrorDetail {
  const definition = origin === undefined ? undefined : definitionToProto(marshal(origin));
  return sourceDetail({ filename, language, data, definition }, ranges);
}

/** The answer of the daemon that a failure comes from, if it comes from one. */
function daemonError(error: Error): RpcError | undefined {
  const { cause } = error;
  if (cause instanceof RpcError) return cause;
  return cause instanceof Error ? daemonError(cause) : undefined;
}
