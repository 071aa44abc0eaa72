/**
 * Lint rules about stages as a whole: their names, and the case of keywords.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/validations.go.
 */
import { BuildError, type Platform, parseImageReference, parsePlatform } from "../../../llb/index.ts";
import type { Stage as ParsedStage } from "../ast.ts";
import type { InstructionBase, LineSpan } from "../instruction.ts";
import type { Linter } from "../lint/linter.ts";
import { messages } from "../lint/rules.ts";
import type { ExpandedWord } from "../shell/lex.ts";
import { type LexOptions, processWord } from "../shell/lex.ts";
import { suggest } from "../text/suggest.ts";
import { toLower, toUpper } from "../text/unicode.ts";

const RESERVED = new Set(["context", "scratch"]);

export function lintStageNames(stages: readonly ParsedStage[], linter: Linter): void {
  const seen = new Set<string>();
  for (const { name, from } of stages) {
    if (name === undefined) continue;
    if (RESERVED.has(name)) linter.report("ReservedStageName", messages.reservedStageName(name), from.lines);
    if (seen.has(name)) linter.report("DuplicateStageName", messages.duplicateStageName(name), from.lines);
    seen.add(name);
  }
}

/** All keywords should have the case that most of them have. */
export function lintKeywordCase(stages: readonly ParsedStage[], linter: Linter): void {
  let lower = 0;
  let upper = 0;
  const count = ({ keyword: { text } }: InstructionBase): void => {
    if (UPPER_CASE.test(text)) upper++;
    else if (toLower(text) === text) lower++;
    else if (toUpper(text) === text) upper++;
  };
  for (const { from, commands } of stages) {
    count(from);
    commands.forEach(count);
  }
  if (lower === 0 && upper === total(stages)) return;
  const [casing, convert] = lower > upper ? (["lowercase", toLower] as const) : (["uppercase", toUpper] as const);
  for (const { keyword, lines } of stages.flatMap(({ from, commands }) => [from, ...commands])) {
    if (convert(keyword.text) === keyword.text) continue;
    linter.report("ConsistentInstructionCasing", messages.consistentInstructionCasing(keyword.text, casing), lines);
  }
}

const UPPER_CASE = /^[A-Z]+$/;

function total(stages: readonly ParsedStage[]): number {
  return stages.reduce((sum, { commands }) => sum + commands.length + 1, 0);
}

/** Base images should have a name that is possible when no build arg is given. */
export function lintDefaultBases(
  stages: readonly ParsedStage[],
  args: ReadonlyMap<string, string>,
  lex: LexOptions,
  linter: Linter,
): void {
  try {
    for (const { from } of stages) {
      if (from.baseKind === "mzimage") continue;
      const name = processWord(from.base.text, args, lex).text;
      if (parseImageReference(name).kind === "reference") continue;
      linter.report("InvalidDefaultArgInFrom", messages.invalidDefaultArgInFrom(from.base.text), from.lines);
    }
  } catch (error) {
    // What can't be expanded is an error of the build, reported when its turn comes.
    if (!(error instanceof BuildError)) throw error;
  }
}

/** Variables of a FROM that no ARG declares. */
export function lintUndeclaredArgs(
  names: Iterable<string>,
  declared: { readonly has: (key: string) => boolean; readonly keys: () => Iterable<string> },
  lines: LineSpan,
  linter: Linter,
): void {
  for (const name of names) {
    if (declared.has(name)) continue;
    const suggestion = suggest(name, declared.keys());
    linter.report("UndefinedArgInFrom", messages.undefinedArgInFrom(name, suggestion), lines);
  }
}

/** `--platform=$TARGETPLATFORM` says what is so anyway, and a constant platform is rarely meant. */
export function lintPlatformFlag(
  from: { readonly written: string; readonly stage: string; readonly lines: LineSpan },
  word: ExpandedWord,
  { args, hostPlatform }: { readonly args: ReadonlyMap<string, string>; readonly hostPlatform: Platform },
  linter: Linter,
): void {
  const onlyTarget = word.matched.size === 1 && word.unmatched.size === 0 && word.matched.has("TARGETPLATFORM");
  if (onlyTarget && word.text === (args.get("TARGETPLATFORM") ?? "")) {
    linter.report("RedundantTargetPlatform", messages.redundantTargetPlatform(from.written), from.lines);
  }
  if (word.matched.size > 0 || word.unmatched.size > 0) return;
  const parsed = parsePlatform(word.text, hostPlatform);
  if (parsed.kind === "invalid") return;
  const { os, architecture } = parsed.platform;
  if (from.stage.includes(os) || from.stage.includes(architecture)) return;
  linter.report("FromPlatformFlagConstDisallowed", messages.fromPlatformFlagConstDisallowed(word.text), from.lines);
}
