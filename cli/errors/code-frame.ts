/**
 * Shows places in texts: where, the lines with numbers, and what is meant underlined; or marked with `>` where it is whole lines.
 *
 *       --> misc/fancy-loadgen/Dockerfile:3:8
 *        |
 *      3 | MZFROM ubuntu-bse
 *        |        ^^^^^^^^^^
 */
import type { SourceRange } from "../../llb/index.ts";
import type { Paint } from "../text/index.ts";
import { showLine } from "./source-line.ts";

export interface CodeFrameOptions {
  /** The text of a file that a range names; undefined if it can't be had, and then only the place is named. */
  readonly readSource: (file: string) => string | undefined;
  readonly columns: number;
  readonly paint: Paint;
}

/** Lines shown around a place. */
const CONTEXT = 2;
/** Of a place of more lines than this only the first and the last ones are shown. */
const MAX_LINES = 10;

/** The lines of the frames: one frame a file, in order of first mention. The first range of a file is the place that is named. */
export function codeFrames(ranges: readonly SourceRange[], options: CodeFrameOptions): string[] {
  const files = [...new Set(ranges.map(({ file }) => file))];
  return files.flatMap((file) =>
    fileFrame(
      ranges.filter((range) => range.file === file),
      file,
      options,
    ),
  );
}

function fileFrame(
  ranges: readonly SourceRange[],
  file: string,
  { readSource, columns, paint }: CodeFrameOptions,
): string[] {
  const text = readSource(file);
  const lines = text?.split(/\r\n|\n|\r/) ?? [];
  if (lines.length > 1 && lines.at(-1) === "") lines.pop();
  const marks = ranges.map((range) => markOf(range, lines.length));
  const numbers = shownLines(marks, lines.length);
  const gutter = Math.max(3, String(numbers.at(-1) ?? 0).length + 1);
  const arrow = `${" ".repeat(gutter)}${paint("accent", "-->")} ${placeName(ranges[0], file)}`;
  if (text === undefined) return [arrow];
  const bar = paint("accent", "|");
  const body = numbers.flatMap((number, index) => {
    const skipped = index > 0 && number !== (numbers[index - 1] ?? 0) + 1;
    return [
      ...(skipped ? [paint("accent", "...".padStart(gutter + 1))] : []),
      ...markedLine(lines[number - 1] ?? "", number, marks, { gutter, columns, paint }),
    ];
  });
  return [arrow, `${" ".repeat(gutter)} ${bar}`, ...body];
}

/** `file:line:column`, without a column where whole lines are meant. */
function placeName(range: SourceRange | undefined, file: string): string {
  if (range === undefined) return file;
  const { line, column } = range.start;
  return isWholeLines(range) ? `${file}:${line}` : `${file}:${line}:${column}`;
}

function isWholeLines({ start, end }: SourceRange): boolean {
  return start.column === 1 && end.column === 1 && end.line > start.line;
}

/** A range within a text of so many lines. `underline` has columns from 0, and is undefined for whole lines and several lines. */
interface Mark {
  readonly first: number;
  readonly last: number;
  readonly underline: { readonly start: number; readonly end: number } | undefined;
}

function markOf(range: SourceRange, lineCount: number): Mark {
  const { start, end } = range;
  const first = Math.min(Math.max(1, start.line), Math.max(1, lineCount));
  const lastTouched = end.column <= 1 && end.line > start.line ? end.line - 1 : end.line;
  const last = Math.min(Math.max(first, lastTouched), Math.max(1, lineCount));
  // A place behind the last line is shown at its end.
  const startColumn = start.line > first ? Number.MAX_SAFE_INTEGER : start.column - 1;
  const oneLine = !isWholeLines(range) && first === last;
  const endColumn = end.line === start.line ? end.column - 1 : Number.MAX_SAFE_INTEGER;
  return { first, last, underline: oneLine ? { start: startColumn, end: endColumn } : undefined };
}

/** The numbers of the lines to be shown, ascending. */
function shownLines(marks: readonly Mark[], lineCount: number): number[] {
  const numbers = new Set<number>();
  for (const { first, last } of marks) {
    for (let line = Math.max(1, first - CONTEXT); line <= Math.min(lineCount, last + CONTEXT); line++) {
      const elided = last - first >= MAX_LINES && line >= first + MAX_LINES / 2 && line <= last - 2;
      if (!elided) numbers.add(line);
    }
  }
  return [...numbers].sort((a, b) => a - b);
}

interface LineOptions {
  readonly gutter: number;
  readonly columns: number;
  readonly paint: Paint;
}

function markedLine(
  line: string,
  number: number,
  marks: readonly Mark[],
  { gutter, columns, paint }: LineOptions,
): string[] {
  const here = marks.filter(({ first, last }) => first <= number && number <= last);
  const underlines = here.flatMap(({ underline }) => (underline === undefined ? [] : [underline]));
  const whole = here.length > underlines.length;
  // One column is left for a caret behind the end.
  const shown = showLine(line, Math.max(10, columns - gutter - 4), underlines[0]?.start ?? 0);
  const sign = whole ? paint("bad", ">") : paint("accent", "|");
  const source = `${paint("accent", String(number).padStart(gutter))} ${sign} ${shown.text}`.trimEnd();
  if (underlines.length === 0) return [source];
  const carets: string[] = [];
  for (const underline of underlines) {
    const { start, end } = shown.columnsOf(underline.start, underline.end);
    for (let column = start; column < end; column++) carets[column] = "^";
  }
  const under = Array.from(carets, (caret) => caret ?? " ").join("");
  return [source, `${" ".repeat(gutter)} ${paint("accent", "|")} ${paint("bad", under)}`];
}
