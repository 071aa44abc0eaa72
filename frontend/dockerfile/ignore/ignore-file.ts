/**
 * `.dockerignore` files.
 * Behaviour: moby/patternmatcher v0.6.1 ignorefile/ignorefile.go.
 */
import { cleanPath } from "../../../llb/index.ts";
import { newCursor, nextLine } from "../parser/physical-lines.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { trimSpace } from "../text/unicode.ts";

/**
 * The patterns of an ignore file, in order, cleaned, an exception starting with "!". Throws `BuildError` for a line of 64
 * KiB or more, as the original does.
 */
export function readIgnoreFile(text: string): readonly string[] {
  const patterns: string[] = [];
  const cursor = newCursor(text.startsWith("\uFEFF") ? text.slice(1) : text);
  for (let line = nextLine(cursor); line !== undefined; line = nextLine(cursor)) {
    if (line.startsWith("#")) continue;
    const pattern = trimSpace(line);
    if (pattern === "") continue;
    patterns.push(pattern.startsWith("!") ? `!${cleanPattern(trimSpace(pattern.slice(1)))}` : cleanPattern(pattern));
  }
  if (cursor.tooLong) throw syntaxError("bufio.Scanner: token too long");
  return patterns;
}

/** Patterns are relative to the context, so a leading slash means nothing. */
function cleanPattern(pattern: string): string {
  if (pattern === "") return "";
  const clean = cleanPath(pattern);
  return clean.length > 1 && clean.startsWith("/") ? clean.slice(1) : clean;
}
