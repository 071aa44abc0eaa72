/**
 * The operators of `${name…}` that change a value: `#`, `##`, `%`, `%%`, `/` and `//`.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/shell/lex.go (trimPrefix, trimSuffix, processDollar) and Go's
 * regexp.ReplaceAllString.
 */
import { BuildError } from "../../../llb/index.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { findGlob, type Glob, matchPrefix, parseGlob } from "./glob.ts";

/** `${value#pattern}`, or `##` with `longest`. */
export function trimPrefix(pattern: string, value: string, longest: boolean): string {
  const glob = readGlob(pattern);
  const chars = [...value];
  const end = matchPrefix(glob, chars, longest);
  return end === undefined ? value : chars.slice(end).join("");
}

/** `${value%pattern}`, or `%%` with `longest`: the prefix rule on mirrored texts. */
export function trimSuffix(pattern: string, value: string, longest: boolean): string {
  const mirrored = trimPrefix(reversePattern(pattern), [...value.toWellFormed()].reverse().join(""), longest);
  return [...mirrored].reverse().join("");
}

/** `${value/pattern/replacement}`. */
export function replaceFirst(pattern: string, value: string, replacement: string): string {
  const chars = [...value];
  const match = findGlob(readGlob(pattern), chars, 0);
  if (match === undefined) return value;
  return chars.slice(0, match.start).join("") + replacement + chars.slice(match.end).join("");
}

/** `${value//pattern/replacement}`. A replacement may name groups (`$0` is the match), since the original gives it to a regular expression. */
export function replaceAll(pattern: string, value: string, replacement: string): string {
  const glob = readGlob(pattern);
  const chars = [...value];
  const parts: string[] = [];
  let copied = 0;
  for (let from = 0; from <= chars.length; ) {
    const match = findGlob(glob, chars, from);
    if (match === undefined) break;
    parts.push(chars.slice(copied, match.start).join(""));
    // An empty match right after another match doesn't count.
    if (match.end > copied || match.start === 0) {
      parts.push(expandTemplate(replacement, chars.slice(match.start, match.end).join("")));
    }
    copied = match.end;
    from = Math.max(from + 1, match.end);
  }
  parts.push(chars.slice(copied).join(""));
  return parts.join("");
}

function readGlob(pattern: string): Glob {
  try {
    return parseGlob(pattern);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw syntaxError(`invalid pattern (${pattern}) in substitution: ${error.message}`);
  }
}

/** Mirrors a pattern but keeps each backslash before what it escapes. */
function reversePattern(pattern: string): string {
  const chars = [...pattern.toWellFormed()];
  const tokens: string[] = [];
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index] ?? "";
    tokens.push(char === "\\" ? char + (chars[++index] ?? "") : char);
  }
  return tokens.reverse().join("");
}

/** Go's Regexp.Expand with a pattern that has no groups: `$0` is the match, other names are empty, `$$` is a dollar. */
function expandTemplate(template: string, match: string): string {
  return template.replace(/\$(?:(\$)|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu, (_, dollar, plain, braced) => {
    if (dollar !== undefined) return "$";
    return /^0+$/.test(plain ?? braced) ? match : "";
  });
}
