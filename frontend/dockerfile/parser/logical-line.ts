/**
 * A logical line: physical lines joined by continuation characters, each character of it knowing where it came from.
 */
import type { SourceRange } from "../../../llb/index.ts";

/** A physical line's part of a logical one. */
export interface LinePiece {
  /** Offset in the logical line. */
  readonly at: number;
  /** Where the piece stands in the file, both counted from 1. */
  readonly line: number;
  readonly column: number;
}

export interface LogicalLine {
  readonly file: string;
  readonly text: string;
  /** Ordered by `at`, the first at 0. */
  readonly pieces: readonly LinePiece[];
}

/** A part of a logical line's text, or what became of it (a word without its quotes); `end` is exclusive. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Where a part of the logical line stands in the file. */
export function rangeOf(line: LogicalLine, part: { readonly start: number; readonly end: number }): SourceRange {
  const first = pieceAt(line.pieces, part.start);
  const last = part.end > part.start ? pieceAt(line.pieces, part.end - 1) : first;
  return {
    file: line.file,
    start: { line: first.line, column: first.column + part.start - first.at },
    end: { line: last.line, column: last.column + part.end - last.at },
  };
}

const NOWHERE: LinePiece = { at: 0, line: 1, column: 1 };

function pieceAt(pieces: readonly LinePiece[], offset: number): LinePiece {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle]?.at ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return pieces[low] ?? NOWHERE;
}
