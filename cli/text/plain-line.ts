/**
 * What a step prints, made fit to be shown in a line of ours: programs move the cursor, ring bells and set titles, and a log must
 * not do that to the terminal of whoever reads it. Sequences: ECMA-48.
 */
import { stripVTControlCharacters } from "node:util";
import { cells } from "./display-width.ts";

const PLAIN_ASCII = /^[\x20-\x7e]*$/;
const TAB_STOP = 8;
// Select Graphic Rendition: the only sequences that change how text looks and nothing else.
const GRAPHIC_RENDITION = /(\x1b\[[0-9;:]*m)/;
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/g;

/** Without escape sequences and control characters, with tabs as blanks. */
export function plainLine(line: string): string {
  if (PLAIN_ASCII.test(line)) return line;
  return expandTabs(stripVTControlCharacters(line).replace(CONTROLS, ""));
}

/** As {@link plainLine}, but colours stay, and end with the line. */
export function colouredLine(line: string): string {
  if (!line.includes("\x1b")) return plainLine(line);
  // A split by a pattern with a group puts what the group has matched at the odd places.
  const parts = line.split(GRAPHIC_RENDITION);
  if (parts.length === 1) return plainLine(line);
  return `${parts.map((part, index) => (index % 2 === 1 ? part : plainLine(part))).join("")}\x1b[0m`;
}

function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  let width = 0;
  let expanded = "";
  for (const cell of cells(text)) {
    const shown = cell.text === "\t" ? " ".repeat(TAB_STOP - (width % TAB_STOP)) : cell.text;
    width += cell.text === "\t" ? shown.length : cell.width;
    expanded += shown;
  }
  return expanded;
}
