/**
 * Dockerfile to LLB and image config: pure, and a step at a time. What has to be known from outside is asked for; with the
 * answers the same call gets further.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`toDispatchState`); messages as there.
 */
import { BuildError, type Platform } from "../../../llb/index.ts";
import type { ParseResult } from "../ast.ts";
import type { ContextSettings } from "../context/named-context.ts";
import { newPatternMatcher } from "../ignore/index.ts";
import { type CheckOptions, defaultCheckOptions, parseCheckOptions } from "../lint/check-options.ts";
import { type Linter, type LintWarning, newLinter } from "../lint/linter.ts";
import { findDirective } from "../parser/directives.ts";
import type { LexOptions } from "../shell/lex.ts";
import { decodeText } from "../text/bytes.ts";
import { contextSource, excludePatterns } from "./context-source.ts";
import { dateArgs } from "./dated-args.ts";
import { dispatchStages } from "./dispatch.ts";
import { locate, prefixed } from "./failure.ts";
import { type CompiledDockerfile, finish } from "./finish.ts";
import { automaticArgs, evaluateGlobalArgs, type GlobalArgs } from "./global-args.ts";
import { lintDefaultBases, lintKeywordCase, lintStageNames } from "./lint-stages.ts";
import { type Known, type Lookup, newQuestions } from "./lookup.ts";
import type { CompileOptions } from "./options.ts";
import { connectStages, findTarget, planStages } from "./plan.ts";
import { progressGroups } from "./progress-groups.ts";
import { resolveStages } from "./resolve.ts";
import { proxyFromBuildArgs } from "./run.ts";
import { type DispatchSession, newDeferredSources, type Session } from "./session.ts";

export type CompileRound =
  /** Compile again when these are known; none when something is to be found that was not asked for here. */
  { readonly kind: "needs"; readonly lookups: readonly Lookup[] } | CompiledDockerfile;

/**
 * Throws `BuildError` for what makes the build fail, its places as whole lines; `warnings`, if given, gets those that
 * were found before.
 */
export function compileDockerfile(
  parsed: ParseResult,
  options: CompileOptions,
  known: Known,
  warnings: LintWarning[] = [],
): CompileRound {
  const questions = newQuestions(known);
  const text = decodeText(options.source.data);
  if (text === "") throw new BuildError("empty-dockerfile", "the Dockerfile cannot be empty");
  const check = options.build.check ?? checkOptionsOf(text);
  const linter = newLinter(check, warnings);
  const dockerfile = checkParsed(parsed, linter);
  const lex: LexOptions = { escape: dockerfile.escape };
  const { opts, sessionId, build } = options;
  const targetPlatform = options.targetPlatform ?? build.buildPlatform;
  const contexts: ContextSettings = {
    opts,
    sessionId,
    gitAdvice: build.gitAdvice,
    hasNamed: Object.keys(opts).some((key) => key.startsWith("context:")),
    targetPlatform,
    hostPlatform: build.hostPlatform,
    questions,
  };
  lintStageNames(dockerfile.stages, linter);
  lintKeywordCase(dockerfile.stages, linter);
  const args = globalArgs(dockerfile, options, targetPlatform, lex, linter);
  const dated = dateArgs(args, { dockerfile, options, contexts, lex });
  if (dated === undefined) return { kind: "needs", lookups: questions.open };
  const stages = planStages(dockerfile.stages, { options, contexts, globalArgs: dated.globalArgs, lex, linter });
  const target = findTarget(stages, build.target);
  connectStages(stages, lex);
  const deferred = newDeferredSources();
  const session: Session = {
    options,
    questions,
    contexts,
    linter,
    lex,
    targetPlatform,
    implicitTarget: options.targetPlatform === undefined,
    globalArgs: dated.globalArgs.values,
    buildArgs: dated.buildArgs,
    epoch: dated.epoch,
    proxyEnv: proxyFromBuildArgs(dated.buildArgs),
    stages,
    deferred,
    mainContext: contextSource(options, stages.all, deferred.add),
    emptyCommands: [],
    isText: text.isWellFormed(),
    nextGroup: progressGroups(options, targetPlatform),
  };
  const reachable = resolveStages(session, target);
  if (reachable === undefined || isHeldUp(options)) return { kind: "needs", lookups: questions.open };
  const dispatching: DispatchSession = { ...session, ignoreMatcher: ignoreMatcher(options) };
  dispatchStages(dispatching, reachable);
  // Instructions may have asked for the keys of servers.
  if (questions.open.length > 0) return { kind: "needs", lookups: questions.open };
  target.paths.add("/");
  return finish(dispatching, target, check);
}

/** The places of a parse error, and the warnings before it. */
function checkParsed({ dockerfile, error, findings }: ParseResult, linter: Linter): ParseResult["dockerfile"] {
  for (const finding of findings) linter.obeying(finding.comments).report(finding.rule, finding.message, finding.lines);
  if (error !== undefined) throw locate(new BuildError("dockerfile", error.message), error);
  if (dockerfile.stages.length === 0) {
    throw new BuildError("no-stages", "dockerfile contains no stages to build");
  }
  return dockerfile;
}

function checkOptionsOf(text: string): CheckOptions {
  const directive = findDirective("check", text);
  if (directive === undefined) return defaultCheckOptions;
  try {
    return parseCheckOptions(directive.word);
  } catch (error) {
    throw prefixed(error, "failed to parse check options");
  }
}

function globalArgs(
  { metaArgs, stages }: ParseResult["dockerfile"],
  { build }: CompileOptions,
  targetPlatform: Platform,
  lex: LexOptions,
  linter: Linter,
): GlobalArgs {
  const stage = build.target === "" ? (stages.at(-1)?.name ?? "") : build.target;
  const automatic = automaticArgs(build.buildPlatform, targetPlatform, build.buildArgs, stage);
  const withDefaults = tryEvaluate(() => evaluateGlobalArgs(automatic, metaArgs, new Map(), lex));
  if (withDefaults !== undefined) lintDefaultBases(stages, withDefaults.values, lex, linter);
  if (withDefaults !== undefined && build.buildArgs.size === 0) return withDefaults;
  return evaluateGlobalArgs(automatic, metaArgs, build.buildArgs, lex);
}

function tryEvaluate<T>(evaluate: () => T): T | undefined {
  try {
    return evaluate();
  } catch (error) {
    // The same error comes again, when it counts.
    if (error instanceof BuildError) return undefined;
    throw error;
  }
}

function ignoreMatcher(options: CompileOptions): DispatchSession["ignoreMatcher"] {
  const patterns = excludePatterns(options);
  return patterns.length === 0 ? undefined : newPatternMatcher(patterns);
}

function isHeldUp({ mainContext: context }: CompileOptions): boolean {
  return context.kind === "local" && context.excludePatterns === undefined;
}
