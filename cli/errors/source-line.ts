/** One line of a source text as it is shown: tabs and control characters replaced, cut to width around the place that matters. */
import { type Cell, cells } from "../text/index.ts";

export interface ShownLine {
  readonly text: string;
  /** The columns, from 0, in which UTF-16 units `start` to `end` (exclusive) of the line are shown; at least one column. */
  columnsOf(start: number, end: number): { readonly start: number; readonly end: number };
}

/** A grapheme in its place; `column` counts from the beginning of the whole line. */
interface PlacedCell extends Cell {
  readonly column: number;
}

const TAB_STOP = 4;

/** Shows `line` in at most `columns` columns, so that UTF-16 unit `focus` can be seen. */
export function showLine(line: string, columns: number, focus: number): ShownLine {
  const placed = placeCells(line);
  const width = endOf(placed);
  const columnAt = (offset: number) =>
    offset >= line.length ? width : (placed.findLast((cell) => cell.offset <= offset)?.column ?? 0);
  const { from, to } = viewOf(width, columns, columnAt(focus));
  const kept = placed.filter((cell) => cell.column >= from && cell.column + cell.width <= to);
  const lead = from > 0 ? "…" : "";
  const shift = lead.length - (kept[0]?.column ?? 0);
  const end = endOf(kept) + shift;
  const shown = (offset: number) => Math.min(Math.max(columnAt(offset) + shift, 0), end);
  return {
    text: lead + kept.map(({ text }) => text).join("") + (to < width ? "…" : ""),
    columnsOf: (first, last) => ({ start: shown(first), end: Math.max(shown(first) + 1, shown(last)) }),
  };
}

/** The columns of a line of `width` that are shown where only `columns` are free, signs of the cuts included. */
function viewOf(width: number, columns: number, focus: number): { readonly from: number; readonly to: number } {
  if (width <= columns) return { from: 0, to: width };
  // What is before a place explains it more often than what is behind it.
  const from = focus < (columns * 2) / 3 ? 0 : Math.min(focus - Math.floor(columns / 2), width - columns + 1);
  const to = from + columns - (from > 0 ? 1 : 0);
  return { from, to: to < width ? to - 1 : to };
}

function placeCells(line: string): PlacedCell[] {
  const placed: PlacedCell[] = [];
  for (const cell of cells(line)) {
    const column = endOf(placed);
    placed.push({ ...printable(cell, column), column });
  }
  return placed;
}

function printable(cell: Cell, column: number): Cell {
  if (cell.text === "\t") {
    const width = TAB_STOP - (column % TAB_STOP);
    return { ...cell, text: " ".repeat(width), width };
  }
  return /^\p{Control}/u.test(cell.text) ? { ...cell, text: "\ufffd", width: 1 } : cell;
}

function endOf(placed: readonly PlacedCell[]): number {
  const last = placed.at(-1);
  return last === undefined ? 0 : last.column + last.width;
}
