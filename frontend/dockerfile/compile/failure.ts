/**
 * Errors of a compilation: `BuildError`s that know their places.
 * `at` has one range per place, each as whole lines, which is how BuildKit's clients mark them.
 */
import { BuildError, type LineRange, type SourceRange } from "../../../llb/index.ts";
import type { LineSpan } from "../instruction.ts";

/** Something of a file that an error can be about. */
export interface Located {
  readonly lines: LineSpan;
  readonly range: SourceRange;
}

/** Runs `work`; an error gets one more place. Errors that aren't of the build pass as they are. */
export function locating<T>(place: Located | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw locate(error, place);
  }
}

/** The error with one more place. */
export function locate(error: unknown, place: Located | undefined): unknown {
  if (!(error instanceof BuildError) || place === undefined) return error;
  return withPlaces(error, [...error.at, wholeLines(place)]);
}

/** The error with just this place, or with none. */
export function relocate(error: unknown, place: Located | undefined): unknown {
  if (!(error instanceof BuildError)) return error;
  return withPlaces(error, place === undefined ? [] : [wholeLines(place)]);
}

/** The error with a text in front. */
export function prefixed(error: unknown, prefix: string): unknown {
  if (!(error instanceof BuildError)) return error;
  return new BuildError(error.code, `${prefix}: ${error.message}`, { at: error.at, cause: error });
}

/** One range per line, characters 0: how BuildKit gives the places of errors, warnings and ops. */
export function lineRanges(lines: LineSpan): LineRange[] {
  const ranges: LineRange[] = [];
  for (let line = lines.first; line === lines.first || line <= lines.last; line++) {
    ranges.push({ start: { line, character: 0 }, end: { line, character: 0 } });
  }
  return ranges;
}

/** The places of an error, each as line ranges. */
export function errorRanges(error: BuildError): LineRange[][] {
  return error.at.map(({ start, end }) => lineRanges({ first: start.line, last: end.line }));
}

/** A place as a range that covers its lines. */
function wholeLines({ lines, range }: Located): SourceRange {
  if (range.start.line === lines.first && range.end.line === lines.last) return range;
  return {
    file: range.file,
    start: { line: lines.first, column: 1 },
    end: { line: lines.last, column: range.end.line === lines.last ? range.end.column : 1 },
  };
}

function withPlaces(error: BuildError, at: readonly SourceRange[]): BuildError {
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return new BuildError(error.code, error.message, { at, ...hint, cause: error.cause ?? error });
}
