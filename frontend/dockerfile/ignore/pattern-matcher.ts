/**
 * Which paths a list of patterns covers.
 * Behaviour: moby/patternmatcher v0.6.1 patternmatcher.go (New, MatchesOrParentMatches, MatchesUsingParentResults).
 */
import { cleanPath } from "../../../llb/index.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { trimSpace } from "../text/unicode.ts";
import type { Matcher } from "./automaton.ts";
import { isBadPattern } from "./path-match.ts";
import { compilePattern } from "./pattern.ts";

/** For each pattern, whether it matches a directory or one above it. To be handed on to what is in the directory. */
export type ParentMatches = readonly boolean[];

export interface PatternMatcher {
  /** Cleaned; exceptions start with "!". */
  readonly patterns: readonly string[];
  /** Whether any pattern is an exception: what it matches is not covered, whatever patterns before it say. */
  readonly hasExceptions: boolean;
  /** Whether a path (with "/", relative to the root) or a directory above it is covered. Throws `BuildError` for a bad pattern. */
  readonly matches: (path: string) => boolean;
  /** The same for a walk from the root: `parent` is what was returned for the directory the path is in. */
  readonly matchesIn: (
    path: string,
    parent: ParentMatches | undefined,
  ) => { readonly matched: boolean; readonly matches: ParentMatches };
}

/** Throws `BuildError` for a pattern that can be seen to be bad at once; others show when they are used. */
export function newPatternMatcher(patterns: readonly string[]): PatternMatcher {
  const compiled = patterns
    .map(trimSpace)
    .filter((text) => text !== "")
    .map(compile);
  return {
    patterns: compiled.map((pattern) => pattern.text),
    hasExceptions: compiled.some((pattern) => pattern.exception),
    matches: (path) => matchesIn(compiled, path, undefined).matched,
    matchesIn: (path, parent) => matchesIn(compiled, path, parent),
  };
}

interface CompiledPattern {
  readonly text: string;
  readonly exception: boolean;
  readonly test: Matcher;
}

function compile(text: string): CompiledPattern {
  const clean = cleanPath(text);
  const exception = clean.startsWith("!");
  if (clean === "!") throw syntaxError('illegal exclusion pattern: "!"');
  const pattern = exception ? clean.slice(1) : clean;
  if (isBadPattern(pattern)) throw badPattern();
  let compiled: Matcher | undefined;
  const test = (path: string) => {
    compiled ??= compilePattern(pattern);
    if (compiled === undefined) throw badPattern();
    return compiled(path);
  };
  return { text: clean, exception, test };
}

function matchesIn(patterns: readonly CompiledPattern[], path: string, parent: ParentMatches | undefined) {
  let matched = false;
  const matches = patterns.map((pattern, index) => {
    let match = parent?.[index] ?? false;
    if (!match) {
      // A pattern that could change nothing is not asked.
      if (pattern.exception !== matched) return false;
      match = pattern.test(path) || (parent === undefined && matchesParent(pattern, path));
    }
    if (match) matched = !pattern.exception;
    return match;
  });
  return { matched, matches };
}

function matchesParent(pattern: CompiledPattern, path: string): boolean {
  const parent = cleanPath(path.slice(0, path.lastIndexOf("/") + 1));
  if (parent === ".") return false;
  for (let end = parent.indexOf("/"); end >= 0; end = parent.indexOf("/", end + 1)) {
    if (pattern.test(parent.slice(0, end))) return true;
  }
  return pattern.test(parent);
}

function badPattern(): Error {
  return syntaxError("syntax error in pattern");
}
