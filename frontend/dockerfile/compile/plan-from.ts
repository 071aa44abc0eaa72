/**
 * What a FROM says once its variables are replaced: base and platform.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`buildDispatchStates`); messages as there.
 */
import { BuildError, type Platform, parsePlatform } from "../../../llb/index.ts";
import type { Stage as ParsedStage } from "../ast.ts";
import type { ContextSettings } from "../context/named-context.ts";
import type { FromInstruction } from "../instruction.ts";
import type { Linter } from "../lint/linter.ts";
import { type ExpandedWord, type LexOptions, processWord } from "../shell/lex.ts";
import { suggest, withSuggestion } from "../text/suggest.ts";
import { locate, locating } from "./failure.ts";
import type { GlobalArgs } from "./global-args.ts";
import { lintPlatformFlag, lintUndeclaredArgs } from "./lint-stages.ts";
import { missingVariables } from "./missing-variables.ts";

export interface PlannedFrom {
  readonly baseName: string;
  readonly platform: Platform | undefined;
  /** The global ARGs that both refer to. */
  readonly used: ReadonlySet<string>;
}

interface FromSettings {
  readonly globalArgs: GlobalArgs;
  readonly lex: LexOptions;
  readonly contexts: Pick<ContextSettings, "hostPlatform">;
}

/** Throws `BuildError` at the FROM. */
export function planFrom(parsed: ParsedStage, settings: FromSettings, linter: Linter): PlannedFrom {
  const { from } = parsed;
  const { globalArgs } = settings;
  const declared = {
    has: (key: string) => globalArgs.values.has(key) || globalArgs.records.has(key),
    keys: () => new Set([...globalArgs.records.keys(), ...globalArgs.values.keys()]),
  };
  const lintArgs = (names: Iterable<string>) => lintUndeclaredArgs(names, declared, from.lines, linter);
  const base = locating(from, () => expandBase(from, settings, lintArgs));
  if (base.text === "") {
    throw locate(new BuildError("blank-base", `base name (${from.base.text}) should not be blank`), from);
  }
  const used = new Set(base.matched);
  const platform = planPlatform(parsed, settings, linter, lintArgs, used);
  return { baseName: base.text, platform, used };
}

/** The name of an image of the repository has no variables. */
function expandBase(
  { base, baseKind }: FromInstruction,
  settings: FromSettings,
  lintArgs: (names: Iterable<string>) => void,
): ExpandedWord {
  if (baseKind === "image") return expandOrLint(base.text, settings, lintArgs);
  return { text: base.text, matched: new Set(), unmatched: new Set() };
}

function planPlatform(
  parsed: ParsedStage,
  settings: FromSettings,
  linter: Linter,
  lintArgs: (names: Iterable<string>) => void,
  used: Set<string>,
): Platform | undefined {
  const { globalArgs, contexts } = settings;
  const { hostPlatform } = contexts;
  const { from, name = "" } = parsed;
  const { platform: written = "" } = from;
  if (written === "") return undefined;
  const expanded = expandPlatform(parsed, written, settings, lintArgs);
  lintPlatformFlag(
    { written, stage: name, lines: from.lines },
    expanded,
    { args: globalArgs.values, hostPlatform },
    linter,
  );
  const suggested = (message: string): string => {
    for (const key of expanded.unmatched) {
      const suggestion = suggest(key, globalArgs.values.keys());
      if (suggestion !== undefined) return withSuggestion(message, suggestion);
    }
    return message;
  };
  if (expanded.text === "") {
    const message = suggested(`empty platform value from expression ${written}`);
    throw locate(new BuildError("bad-platform", message), from);
  }
  const platform = parsePlatform(expanded.text, hostPlatform);
  if (platform.kind === "invalid") {
    const problem = new BuildError(
      "bad-platform",
      `failed to parse platform ${written}: ${suggested(platform.message)}`,
    );
    // The original marks the place once for the parser and once for the flag.
    throw locate(locate(problem, from), from);
  }
  for (const key of expanded.matched) used.add(key);
  return platform.platform;
}

function expandPlatform(
  { from }: ParsedStage,
  written: string,
  settings: FromSettings,
  lintArgs: (names: Iterable<string>) => void,
): ExpandedWord {
  try {
    return expandOrLint(written, settings, lintArgs);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const message = `failed to process arguments for platform : ${error.message}`;
    throw locate(new BuildError(error.code, message, { cause: error }), from);
  }
}

/** Expands a word of a FROM, and reports the variables that nobody declares, also when it can't be expanded. */
function expandOrLint(
  text: string,
  { globalArgs, lex }: FromSettings,
  lintArgs: (names: Iterable<string>) => void,
): ExpandedWord {
  try {
    const expanded = processWord(text, globalArgs.values, lex);
    lintArgs(expanded.unmatched);
    return expanded;
  } catch (error) {
    lintArgs(missingVariables(text, globalArgs.values, lex));
    throw error;
  }
}
