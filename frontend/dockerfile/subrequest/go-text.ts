/** Results of sub-requests as Go writes them: indented JSON, and columns of a tabwriter. */
import { goJson } from "../../../llb/index.ts";

const INDENT = 2;

/** As json.MarshalIndent with two blanks. */
export function indentedJson(value: unknown): string {
  return goJson(value, INDENT);
}

/** Rows with aligned columns; the last cell of a row is not padded. */
export function columns(rows: readonly (readonly string[])[], padding: number): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, [...cell].length + padding);
    });
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) =>
        index === row.length - 1 ? cell : cell + " ".repeat((widths[index] ?? 0) - [...cell].length),
      )
      .join("");
  return rows
    .map((row) => `${line(row)}\n`)
    .join("")
    .toWellFormed();
}
