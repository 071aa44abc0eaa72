/**
 * A frontend request from its attributes to its results: finds context and Dockerfile, and compiles it for each platform.
 * Pure and a step at a time, as the compiler itself.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/builder/build.go (`Build`); messages as there.
 */
import type { LineRange, SourceMap } from "../../../llb/index.ts";
import type { ParseResult } from "../ast.ts";
import { compileDockerfile } from "../compile/compile-dockerfile.ts";
import { lineRanges } from "../compile/failure.ts";
import type { CompiledDockerfile } from "../compile/finish.ts";
import { type Known, type Lookup, newQuestions } from "../compile/lookup.ts";
import type { CompileOptions, RepositoryImage } from "../compile/options.ts";
import { type FoundContext, findMainContext } from "../context/main-context.ts";
import type { LintWarning } from "../lint/linter.ts";
import { type Attributes, parseBuildOptions, type Solver } from "../options/build-options.ts";
import { parseDockerfile } from "../parse.ts";
import { detectSyntax } from "../parser/directives.ts";
import { answerSubrequest } from "../subrequest/index.ts";
import { decodeText } from "../text/bytes.ts";
import { trimSpace } from "../text/unicode.ts";
import { checkFrontendCaps } from "./frontend-caps.ts";
import { type Entrypoint, readEntrypoint, readIgnorePatterns } from "./read-entrypoint.ts";
import { type PlatformBuild, resultMetadata } from "./result-metadata.ts";

export interface FrontendRequest {
  /** The attributes as the gateway passes them. */
  readonly opts: Attributes;
  readonly sessionId: string;
  readonly solver: Solver;
  /** Whether another frontend handed trees over. */
  readonly hasInputs: boolean;
  /** The images of the repository that MZFROM and `--from` can name. */
  readonly images?: ReadonlyMap<string, RepositoryImage>;
  /** Told of the file once it has been read, so that a failure can show its lines; perhaps several times. */
  readonly onSource?: (source: SourceMap) => void;
  /** Whether the caller answers for this file by itself; it is not asked for what is no question about a file. */
  readonly claims?: (source: SourceMap) => boolean;
}

export type FrontendRound =
  | { readonly kind: "needs"; readonly lookups: readonly Lookup[] }
  | ForwardedRequest
  | ClaimedRequest
  | SubrequestResult
  | BuildResult;

/** The file is one that the caller answers for by itself. */
export interface ClaimedRequest {
  readonly kind: "claimed";
  readonly source: SourceMap;
  readonly context: FoundContext;
}

/** The file asks for another frontend, by `# syntax=` or BUILDKIT_SYNTAX. */
export interface ForwardedRequest {
  readonly kind: "forward";
  /** The image of the frontend. */
  readonly frontend: string;
  readonly cmdline: string;
  /** Where the file asks for it; undefined when a build arg does. */
  readonly ranges: readonly LineRange[] | undefined;
}

/** Metadata only: `result.json`, `result.txt`, … */
export interface SubrequestResult {
  readonly kind: "subrequest";
  readonly metadata: ReadonlyMap<string, string>;
}

export interface BuildResult {
  readonly kind: "done";
  readonly multiPlatform: boolean;
  readonly builds: readonly PlatformBuild[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly warnings: readonly LintWarning[];
  readonly entrypoint: Entrypoint;
}

/**
 * The step function of a request. It throws `BuildError`; `warnings`, if given, has what the linter found by then, of the
 * first platform only.
 */
export function answerRequest(request: FrontendRequest, warnings: LintWarning[] = []): (known: Known) => FrontendRound {
  const parse = parseOnce();
  const compiled = new Map<number, CompiledDockerfile>();
  return (known) => step(request, { known, parse, compiled, warnings });
}

interface Progress {
  readonly known: Known;
  readonly parse: (entrypoint: Entrypoint) => ParseResult;
  /** By the position of the platform. */
  readonly compiled: Map<number, CompiledDockerfile>;
  readonly warnings: LintWarning[];
}

function step(request: FrontendRequest, progress: Progress): FrontendRound {
  const { opts, sessionId, solver } = request;
  const build = parseBuildOptions(opts, solver);
  const caps = checkFrontendCaps(opts["frontend.caps"] ?? "");
  if (caps !== undefined && !caps.forwarding) throw caps.error;
  const questions = newQuestions(progress.known);
  const settings = { opts, sessionId, questions };
  const context = findMainContext({ ...settings, gitAdvice: build.gitAdvice, hasInputs: request.hasInputs });
  const entrypoint = context === undefined ? undefined : readEntrypoint(settings, context);
  if (context === undefined || entrypoint === undefined) return { kind: "needs", lookups: questions.open };
  request.onSource?.(entrypoint.source);
  const forward = forwarding(opts, entrypoint);
  if (forward !== undefined) return forward;
  if (caps !== undefined) throw caps.error;
  if (opts["requestid"] !== "frontend.subrequests.describe" && request.claims?.(entrypoint.source)) {
    return { kind: "claimed", source: entrypoint.source, context };
  }
  const excludePatterns = readIgnorePatterns(settings, context, entrypoint);
  const options: Omit<CompileOptions, "targetPlatform"> = {
    build,
    opts,
    sessionId,
    source: entrypoint.source,
    supports: solver.supports,
    mainContext:
      context.tree === undefined
        ? { kind: "local", name: context.localName, excludePatterns }
        : { kind: "tree", output: context.tree.output },
    ...(request.images === undefined ? {} : { images: request.images }),
  };
  const lookups = [...questions.open];
  const parsed = progress.parse(entrypoint);
  const subrequest = answerSubrequest(opts["requestid"], {
    parsed,
    options,
    known: progress.known,
    warnings: progress.warnings,
  });
  if (subrequest?.kind === "needs") return { kind: "needs", lookups: [...lookups, ...subrequest.lookups] };
  if (subrequest !== undefined) return subrequest;
  const builds = compilePlatforms(options, parsed, progress, lookups);
  if (builds === undefined) return { kind: "needs", lookups };
  const { multiPlatform } = build;
  const metadata = resultMetadata(builds, multiPlatform);
  return { kind: "done", multiPlatform, builds, metadata, warnings: progress.warnings, entrypoint };
}

/** All platforms, or undefined, with what they need added to `lookups`. */
function compilePlatforms(
  options: Omit<CompileOptions, "targetPlatform">,
  parsed: ParseResult,
  { known, compiled, warnings }: Progress,
  lookups: Lookup[],
): PlatformBuild[] | undefined {
  const { targetPlatforms, hostPlatform } = options.build;
  const targets = targetPlatforms.length > 0 ? targetPlatforms : [undefined];
  const builds: PlatformBuild[] = [];
  targets.forEach((platform, index) => {
    const found: LintWarning[] = [];
    const done = compiled.get(index);
    const round =
      done ??
      compileFor({ ...options, targetPlatform: platform }, parsed, known, found, () => {
        if (index === 0) warnings.splice(0, warnings.length, ...found);
      });
    if (round.kind === "needs") lookups.push(...round.lookups);
    else {
      compiled.set(index, round);
      builds.push({ platform: platform ?? hostPlatform, compiled: round });
    }
  });
  return builds.length === targets.length ? builds : undefined;
}

/** Compiles, and hands over the warnings even when it fails. */
function compileFor(
  options: CompileOptions,
  parsed: ParseResult,
  known: Known,
  found: LintWarning[],
  report: () => void,
): ReturnType<typeof compileDockerfile> {
  try {
    return compileDockerfile(parsed, options, known, found);
  } finally {
    report();
  }
}

function forwarding(opts: Attributes, { source }: Entrypoint): ForwardedRequest | undefined {
  if (opts["cmdline"] !== undefined) return undefined;
  const syntax = opts["build-arg:BUILDKIT_SYNTAX"];
  if (syntax !== undefined) {
    const frontend = trimSpace(syntax).split(" ", 1)[0] ?? "";
    return { kind: "forward", frontend, cmdline: syntax, ranges: undefined };
  }
  const directive = detectSyntax(decodeText(source.data));
  if (directive === undefined) return undefined;
  const ranges = lineRanges({ first: directive.line, last: directive.line });
  return { kind: "forward", frontend: directive.word, cmdline: directive.value, ranges };
}

/** The file doesn't change from one step to the next. */
function parseOnce(): (entrypoint: Entrypoint) => ParseResult {
  let parsed: ParseResult | undefined;
  return ({ source }) => {
    parsed ??= parseDockerfile(source.data, source.filename);
    return parsed;
  };
}
