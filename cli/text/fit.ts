/** Makes texts fit into columns: cut, with a sign that something was cut, or filled up. */
import { cells, displayWidth } from "./display-width.ts";

const ELLIPSIS = "…";

/** The text itself if it fits into `columns`, else its beginning and an ellipsis. Empty where there is no column. */
export function cut(text: string, columns: number): string {
  // A grapheme is no wider than two columns, and one of no width at all is rare: most texts need no exact count.
  if (columns <= 0) return "";
  if (text.length * 2 <= columns || displayWidth(text) <= columns) return text;
  let width = 0;
  let kept = "";
  for (const cell of cells(text)) {
    if (width + cell.width > columns - 1) break;
    width += cell.width;
    kept += cell.text;
  }
  return kept.trimEnd() + ELLIPSIS;
}

/** `left`, then blanks, then `right` ending at `columns`. Where both don't fit `left` is cut, and `right` left out of a narrow line. */
export function spread(
  left: string,
  right: string,
  columns: number,
): { readonly left: string; readonly right: string } {
  const rightWidth = displayWidth(right);
  if (right === "" || rightWidth + 12 > columns) return { left: cut(left, columns), right: "" };
  const shown = cut(left, columns - rightWidth - 1);
  return { left: shown, right: " ".repeat(columns - rightWidth - displayWidth(shown)) + right };
}
