/**
 * The Dockerfile language, pure: text in, LLB and image config out.
 *
 *     const parsed = parseDockerfile(text);
 *     const compiled = await answerAll((known) => compileDockerfile(parsed, options, known), world);
 *     const definition = marshal(compiled.output);
 */
export type * from "./ast.ts";
export { answerAll, type Round, type World } from "./compile/answer.ts";
export { type CompileRound, compileDockerfile } from "./compile/compile-dockerfile.ts";
export { errorRanges, lineRanges } from "./compile/failure.ts";
export type { CompiledDockerfile } from "./compile/finish.ts";
export { imageAnswer } from "./compile/image-answer.ts";
export {
  type Answer,
  type FailedAnswer,
  type FilesAnswer,
  type FilesLookup,
  type HostKeyAnswer,
  type HostKeyLookup,
  type ImageAnswer,
  type ImageLookup,
  type InputsAnswer,
  type InputsLookup,
  type Known,
  type Lookup,
  lookupKey,
  type RedirectAnswer,
  type SourceAnswer,
  type SourceLookup,
} from "./compile/lookup.ts";
export type { CompileOptions, MainContext, RepositoryImage } from "./compile/options.ts";
export type { ScanTargets } from "./compile/scan-targets.ts";
export type { Epoch } from "./compile/source-date-epoch.ts";
export type { FoundContext } from "./context/main-context.ts";
export { newPatternMatcher, type ParentMatches, type PatternMatcher, readIgnoreFile } from "./ignore/index.ts";
export { formatImageConfig } from "./image/format-image-config.ts";
export {
  type ContainerConfig,
  emptyImageConfig,
  type Healthcheck,
  type HistoryEntry,
  type ImageConfig,
} from "./image/image-config.ts";
export { parseImageConfig } from "./image/parse-image-config.ts";
export type * from "./instruction.ts";
export { expandInstruction, type Mount, parseTrigger, readMount } from "./instructions/index.ts";
export { type CheckOptions, defaultCheckOptions, parseCheckOptions } from "./lint/check-options.ts";
export { type LintWarning, shortMessage } from "./lint/linter.ts";
export { type RuleName, rules } from "./lint/rules.ts";
export {
  type Attributes,
  type BuildOptions,
  parseBuildOptions,
  type ResolveMode,
  type Solver,
} from "./options/build-options.ts";
export type { CacheImport } from "./options/cache-imports.ts";
export { parseDockerfile } from "./parse.ts";
export { detectSyntax, type FoundDirective, findDirective } from "./parser/directives.ts";
export {
  answerRequest,
  type BuildResult,
  type ClaimedRequest,
  type ForwardedRequest,
  type FrontendRequest,
  type FrontendRound,
  type SubrequestResult,
} from "./request/answer-request.ts";
export { type PlatformBuild, platformKey, resultMetadata } from "./request/result-metadata.ts";
export { type EnvLookup, emptyEnv } from "./shell/env.ts";
export { type ExpandedWord, type LexOptions, processWord, processWords } from "./shell/lex.ts";
export { answerSubrequest, type SubrequestRound } from "./subrequest/index.ts";
export { decodeText, encodeText } from "./text/bytes.ts";
