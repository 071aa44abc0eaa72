/**
 * The patterns of `${name#pattern}` and its kin: `*`, `?`, and characters escaped by a backslash.
 *
 * The original makes a regular expression of them (moby/buildkit v0.33.0 frontend/dockerfile/shell/lex.go:
 * convertShellPatternToRegex), so a wildcard matches no newline and the leftmost match wins, its first `*` taking what it
 * can. Here the pieces between the stars are placed one by one, which needs no backtracking: nothing of a star crosses a
 * newline, so each piece has just one line to be on, and the earliest (or latest) place on it is always the best.
 */
import { syntaxError } from "../text/syntax-error.ts";

/** A character to match, or undefined for `?`: any but a newline. */
type Piece = readonly (string | undefined)[];

/** At least one piece; between two pieces there is a star. All texts are lists of code points. */
export type Glob = readonly Piece[];

export interface GlobMatch {
  readonly start: number;
  readonly end: number;
}

/** Throws `BuildError` for an escape of anything but `*`, `?`, `\`, `}` and `/`. */
export function parseGlob(pattern: string): Glob {
  const chars = [...pattern];
  // The original reads the pattern with a scanner that skips a byte order mark.
  if (chars[0] === "\uFEFF") chars.shift();
  const pieces: (string | undefined)[][] = [[]];
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index];
    if (char === "*") pieces.push([]);
    else if (char === "?") pieces.at(-1)?.push(undefined);
    else if (char !== "\\") pieces.at(-1)?.push(char);
    else if (chars[index + 1] !== "}" && chars[index + 1] !== "/") {
      const escaped = chars[++index];
      if (escaped !== "*" && escaped !== "?" && escaped !== "\\") {
        throw syntaxError(`invalid escape '\\${escaped ?? "\uFFFD"}'`);
      }
      pieces.at(-1)?.push(escaped);
    }
  }
  return pieces;
}

/** The end of the match at the start of `text`, as long or as short as possible, or undefined. */
export function matchPrefix(glob: Glob, text: readonly string[], longest: boolean): number | undefined {
  const places = placeEarliest(glob, text, 0);
  if (places.kind === "none") return undefined;
  return longest ? latestEnd(glob, text, places.starts) : endOf(glob, places.starts);
}

/** The first match at or after `from`, its stars as long as possible. */
export function findGlob(glob: Glob, text: readonly string[], from: number): GlobMatch | undefined {
  for (let start = from; start <= text.length; ) {
    const first = glob[0] ?? [];
    if (!matchesAt(first, text, start)) {
      start++;
      continue;
    }
    const places = placeEarliest(glob, text, start);
    if (places.kind === "found") return { start, end: latestEnd(glob, text, places.starts) };
    // A later start on the same line can only leave less room.
    start = Math.max(start + 1, lineEnd(text, start + first.length) + 1 - first.length);
  }
  return undefined;
}

type Places = { readonly kind: "none" } | { readonly kind: "found"; readonly starts: number[] };

function placeEarliest(glob: Glob, text: readonly string[], start: number): Places {
  const starts: number[] = [];
  let at = start;
  for (const [index, piece] of glob.entries()) {
    const last = index === 0 ? start : lineEnd(text, at);
    while (at <= last && !matchesAt(piece, text, at)) at++;
    if (at > last) return { kind: "none" };
    starts.push(at);
    at += piece.length;
  }
  return { kind: "found", starts };
}

/** Moves all pieces but the first as far to the end as they go, from the last one back. */
function latestEnd(glob: Glob, text: readonly string[], starts: number[]): number {
  for (let index = glob.length - 1; index > 0; index--) {
    const piece = glob[index] ?? [];
    const earliest = starts[index] ?? 0;
    const next = glob[index + 1];
    const room = next === undefined ? lineEnd(text, earliest) : (starts[index + 1] ?? 0) - piece.length;
    let at = Math.max(earliest, Math.min(room, text.length - piece.length));
    while (at > earliest && !(matchesAt(piece, text, at) && sameLine(text, earliest, at))) at--;
    starts[index] = at;
  }
  return endOf(glob, starts);
}

function endOf(glob: Glob, starts: readonly number[]): number {
  return (starts.at(-1) ?? 0) + (glob.at(-1)?.length ?? 0);
}

function matchesAt(piece: Piece, text: readonly string[], at: number): boolean {
  if (at + piece.length > text.length) return false;
  for (let index = 0; index < piece.length; index++) {
    const wanted = piece[index];
    const char = text[at + index];
    if (wanted === undefined ? char === "\n" : char !== wanted) return false;
  }
  return true;
}

function lineEnd(text: readonly string[], from: number): number {
  const index = text.indexOf("\n", from);
  return index < 0 ? text.length : index;
}

function sameLine(text: readonly string[], from: number, to: number): boolean {
  const newline = text.indexOf("\n", from);
  return newline < 0 || newline >= to;
}
