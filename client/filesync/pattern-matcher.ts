/**
 * Include and exclude patterns as .dockerignore and BuildKit read them: shell patterns plus "**", a leading "!" takes
 * back, the last pattern that matches decides, and a match of a directory holds for all below it.
 * Source: moby/patternmatcher v0.6.1: patternmatcher.go (New, MatchesUsingParentResults, compile).
 * The language has a matcher of its own for ignore files (frontend/dockerfile/ignore): client and language don't know each other.
 */
import { posix } from "node:path";
import { ClientError } from "../client-error.ts";
import { compileGlob } from "./glob.ts";

export interface Pattern {
  /** Cleaned, without the "!". */
  readonly text: string;
  /** Takes back what an earlier pattern matched. */
  readonly negated: boolean;
  readonly matches: (path: string) => boolean;
}

/** Per pattern, whether it matched: what the entries below a directory need to know of it. */
export type PatternMatches = readonly boolean[];

/** Blank patterns are dropped. Throws `ClientError` "bad-pattern", some of them only when they are tried. */
export function parsePatterns(patterns: readonly string[]): readonly Pattern[] {
  const result: Pattern[] = [];
  for (const pattern of patterns) {
    const trimmed = pattern.trim();
    if (trimmed === "") continue;
    const cleaned = cleanPath(trimmed);
    const negated = cleaned.startsWith("!");
    const text = negated ? cleaned.slice(1) : cleaned;
    if (text === "") throw new ClientError("bad-pattern", 'the pattern "!" takes back nothing');
    if (compileGlob(text) === undefined) throw badPattern(pattern);
    // Compiled at first use, as in the original: what is never tried may be wrong.
    let test: ((path: string) => boolean) | undefined;
    const matches = (path: string): boolean => {
      test ??= compilePattern(text);
      return test(path);
    };
    result.push({ text, negated, matches });
  }
  return result;
}

/**
 * Whether `path` is matched, given what its parent directory matched: undefined at the top of a tree, where the
 * components of `path` are tried one by one instead.
 */
export function matchPath(
  patterns: readonly Pattern[],
  path: string,
  parent: PatternMatches | undefined,
): { readonly matched: boolean; readonly matches: PatternMatches } {
  let matched = false;
  const matches: boolean[] = [];
  patterns.forEach((pattern, index) => {
    let match = parent?.[index] ?? false;
    // A pattern that could not change the outcome is not tried, as in the original: the children see it as unmatched.
    if (!match && pattern.negated === matched) {
      match = pattern.matches(path) || (parent === undefined && matchesAncestor(pattern, path));
    }
    matches.push(match);
    if (match) matched = !pattern.negated;
  });
  return { matched, matches };
}

/** Go's filepath.Clean on Unix. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

function matchesAncestor(pattern: Pattern, path: string): boolean {
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    if (pattern.matches(path.slice(0, slash))) return true;
  }
  return false;
}

/**
 * The original keeps plain texts and those with "**" only at one end away from its regular expressions, and in doing so
 * matches slightly other paths than they would: "**" at the end is a prefix test, at the start a suffix test.
 */
function compilePattern(text: string): (path: string) => boolean {
  const { source, kind } = translate(text);
  switch (kind) {
    case "exact":
      return (path) => path === text;
    case "prefix": {
      const prefix = text.slice(0, -2);
      return (path) => path.startsWith(prefix);
    }
    case "suffix": {
      const suffix = text.slice(2);
      return (path) => path.endsWith(suffix) || (suffix.startsWith("/") && path === suffix.slice(1));
    }
    case "regexp":
      return compileRegExp(text, source);
  }
}

function compileRegExp(text: string, source: string): (path: string) => boolean {
  try {
    const expression = new RegExp(`^${source}$`, "u");
    return (path) => expression.test(path);
  } catch {
    throw badPattern(text); // unbalanced classes that compileGlob lets pass
  }
}

type MatchKind = "exact" | "prefix" | "suffix" | "regexp";

/** Stars with the slash behind them, an escape and what it escapes, or one character. */
const TOKEN = /\*\*\/?|\\.?|./gsu;
/** What is more than text: all but the characters that only have to be escaped. */
const SPECIAL = /^(?:[*?[\]]|\\.)$/su;

function translate(text: string): { readonly source: string; readonly kind: MatchKind } {
  const tokens = text.match(TOKEN) ?? [];
  let source = "";
  let kind: MatchKind = "exact";
  let inClass = false;
  for (const [index, token] of tokens.entries()) {
    if (token.startsWith("**")) {
      const last = index === tokens.length - 1;
      source += last ? "[^\\n]*" : "([^\\n]*/)?";
      kind = index === 0 ? "suffix" : last && kind === "exact" ? "prefix" : "regexp";
      continue;
    }
    source += sourceOf(token, inClass);
    if (SPECIAL.test(token)) kind = "regexp";
    if (/^[*?[\]]$/.test(token)) inClass = token === "[";
  }
  return { source, kind };
}

function sourceOf(token: string, inClass: boolean): string {
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  if (token === "]") return inClass ? "]" : "\\]";
  if (token === "^") return inClass ? "^" : "\\^";
  if (token.startsWith("\\")) return token === "\\" ? "\\\\" : escapeSequence(token.slice(1));
  return /^[.+()|{}$/]$/.test(token) ? `\\${token}` : token;
}

/** Behind a "\" letters keep the meaning that Go's regular expressions give them; all else stands for itself. */
function escapeSequence(character: string): string {
  if (character === "s") return "[\\t\\n\\f\\r ]";
  if (character === "S") return "[^\\t\\n\\f\\r ]";
  if (character === "a") return "\\u{7}";
  if (character === "A") return "^";
  if (character === "z") return "$";
  // The rest of the letters fail to compile, here as there; and so they do beyond ASCII.
  if (/[A-Za-z0-9\u{80}-\u{10FFFF}]/u.test(character)) return `\\${character}`;
  return /[$()*+.?[\\\]^{|}/-]/.test(character) ? `\\u{${character.codePointAt(0)?.toString(16)}}` : character;
}

function badPattern(pattern: string): ClientError {
  return new ClientError("bad-pattern", `${JSON.stringify(pattern)} is not a valid pattern`, {
    hint: 'close "[" with "]" and put "\\" before a character that stands for itself',
  });
}
