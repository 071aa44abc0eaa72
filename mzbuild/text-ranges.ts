/** From offsets in a text to the lines and columns of a {@link SourceRange}. */
import type { Position, SourceRange } from "../llb/index.ts";

/** Answers ranges of one text; offsets are UTF-16 units from 0, `end` exclusive. */
export type RangeOf = (start: number, end: number) => SourceRange;

/** Lines end with LF, CR LF or a lone CR. `file` is relative to the repository's root. */
export function rangesIn(file: string, text: string): RangeOf {
  let starts: readonly number[] | undefined;
  return (start, end) => {
    starts ??= lineStarts(text);
    return { file, start: positionAt(starts, start), end: positionAt(starts, Math.max(start, end)) };
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

function positionAt(starts: readonly number[], offset: number): Position {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
