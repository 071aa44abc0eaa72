/** Places of a file as the contracts of sub-requests have them, zero values left out. */
import { lineRanges } from "../compile/failure.ts";
import type { LineSpan } from "../instruction.ts";

interface JsonPosition {
  readonly line?: number;
}

export interface JsonLocation {
  readonly ranges?: readonly { readonly start: JsonPosition; readonly end: JsonPosition }[];
}

export function jsonLocation(places: readonly LineSpan[]): JsonLocation {
  const ranges = places
    .flatMap(lineRanges)
    .map(({ start, end }) => ({ start: position(start.line), end: position(end.line) }));
  return ranges.length === 0 ? {} : { ranges };
}

function position(line: number): JsonPosition {
  return line === 0 ? {} : { line };
}
