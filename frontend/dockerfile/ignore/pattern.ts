/**
 * One pattern of an ignore file: its text turned into a test for paths.
 * Behaviour: moby/patternmatcher v0.6.1 patternmatcher.go (Pattern.compile), oddities included: "**" at the start makes
 * the rest a plain suffix, so "**foo" matches "a/xfoo", unless a wildcard follows. `|`, `{` and `}` are meant to be escaped
 * there but are not (the table of characters to escape has room for those below 64 only), so they work.
 */
import { type Matcher, newMatcher } from "./automaton.ts";
import { parseRegexp } from "./regexp-syntax.ts";

type MatchKind = "exact" | "prefix" | "suffix" | "regexp";

/** Undefined for a pattern that Go's regular expressions refuse. */
export function compilePattern(pattern: string): Matcher | undefined {
  const { kind, expression } = translate(pattern);
  switch (kind) {
    case "exact":
      return (path) => path === pattern;
    case "prefix": {
      const prefix = pattern.slice(0, -2);
      return (path) => path.startsWith(prefix);
    }
    case "suffix": {
      const suffix = pattern.slice(2);
      const whole = suffix.startsWith("/") ? suffix.slice(1) : undefined;
      return (path) => path.endsWith(suffix) || path === whole;
    }
    case "regexp": {
      const parsed = parseRegexp(`${expression}$`);
      return parsed === undefined ? undefined : newMatcher(parsed);
    }
  }
}

/** Stars with the slash behind them, an escape and what it escapes, or one character. */
const TOKEN = /\*\*\/?|\\.?|./gsu;
/** What is more than text: all but the characters that only have to be escaped. */
const SPECIAL = /^(?:[*?[\]]|\\.)$/su;

function translate(pattern: string): { readonly kind: MatchKind; readonly expression: string } {
  const tokens =
    pattern
      .toWellFormed()
      .replace(/^\uFEFF/, "")
      .match(TOKEN) ?? [];
  let kind: MatchKind = "exact";
  let expression = "^";
  for (const [index, token] of tokens.entries()) {
    if (!token.startsWith("**")) {
      expression += expressionOf(token);
      if (SPECIAL.test(token)) kind = "regexp";
      continue;
    }
    const last = index === tokens.length - 1;
    kind = last && kind === "exact" ? "prefix" : "regexp";
    if (kind === "regexp") expression += last ? ".*" : "(.*/)?";
    if (index === 0) kind = "suffix";
  }
  return { kind, expression };
}

function expressionOf(token: string): string {
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  return ".+()$".includes(token) ? `\\${token}` : token;
}
