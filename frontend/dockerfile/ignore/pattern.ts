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

function translate(pattern: string): { readonly kind: MatchKind; readonly expression: string } {
  const chars = [...pattern.toWellFormed()];
  if (chars[0] === "\uFEFF") chars.shift();
  let kind: MatchKind = "exact";
  const parts = ["^"];
  for (let index = 0, count = 0; index < chars.length; index++, count++) {
    const char = chars[index] ?? "";
    if (char === "*" && chars[index + 1] === "*") {
      index++;
      if (chars[index + 1] === "/") index++;
      const atEnd = index + 1 === chars.length;
      kind = atEnd && kind === "exact" ? "prefix" : "regexp";
      if (kind === "regexp") parts.push(atEnd ? ".*" : "(.*/)?");
      if (count === 0) kind = "suffix";
    } else if (char === "*") {
      parts.push("[^/]*");
      kind = "regexp";
    } else if (char === "?") {
      parts.push("[^/]");
      kind = "regexp";
    } else if (".+()$".includes(char)) {
      parts.push(`\\${char}`);
    } else if (char === "\\") {
      const escaped = chars[++index];
      parts.push(`\\${escaped ?? ""}`);
      if (escaped !== undefined) kind = "regexp";
    } else {
      parts.push(char);
      if (char === "[" || char === "]") kind = "regexp";
    }
  }
  return { kind, expression: parts.join("") };
}
