/**
 * Which entries of a tree a transfer holds, by include and exclude patterns, and which directories need not be entered.
 * Source: tonistiigi/fsutil v0.0.0-20260819142231: filter.go (NewFilterFS, Walk).
 */
import { matchPath, type Pattern, type PatternMatches, parsePatterns } from "./pattern-matcher.ts";

export interface Verdict {
  readonly keep: boolean;
  /** For a directory: whether anything below it could be kept. */
  readonly enter: boolean;
  readonly include: PatternMatches | undefined;
  readonly exclude: PatternMatches | undefined;
}

/** `parent` is the verdict on the parent directory, undefined at the top of the tree. */
export type PathFilter = (path: string, isDirectory: boolean, parent: Verdict | undefined) => Verdict;

export interface FilterOptions {
  /** Empty: everything. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

const KEEP_ALL: Verdict = { keep: true, enter: true, include: undefined, exclude: undefined };
const PATTERN_CHARACTER = /[*[\]?^\\]/;

/** Throws `ClientError` "bad-pattern". */
export function pathFilter(options: FilterOptions): PathFilter {
  const include = parsePatterns(options.include);
  const exclude = parsePatterns(options.exclude);
  if (include.length === 0 && exclude.length === 0) return () => KEEP_ALL;
  const includePrefixes = literalPrefixes(include.filter((pattern) => !pattern.negated));
  const exceptionPrefixes = literalPrefixes(exclude.filter((pattern) => pattern.negated));
  return (path, isDirectory, parent) => {
    const included = include.length === 0 ? undefined : matchPath(include, path, parent?.include);
    const excluded = exclude.length === 0 ? undefined : matchPath(exclude, path, parent?.exclude);
    const out = included?.matched === false;
    const skip = out || excluded?.matched === true;
    const enter =
      !isDirectory ||
      ((!out || couldHoldMatch(includePrefixes, path)) &&
        (excluded?.matched !== true || couldHoldMatch(exceptionPrefixes, path)));
    return { keep: !skip, enter, include: included?.matches, exclude: excluded?.matches };
  };
}

/** The patterns' texts where each is a plain path (with at most a final "*" or "**"), else undefined: anything may match. */
function literalPrefixes(patterns: readonly Pattern[]): readonly string[] | undefined {
  const texts = patterns.map((pattern) => pattern.text.replace(/\/\*\*$/, "").replace(/\/\*$/, ""));
  return texts.some((text) => PATTERN_CHARACTER.test(text)) ? undefined : texts;
}

function couldHoldMatch(prefixes: readonly string[] | undefined, directory: string): boolean {
  return prefixes === undefined || prefixes.some((prefix) => `${prefix}/`.startsWith(`${directory}/`));
}
