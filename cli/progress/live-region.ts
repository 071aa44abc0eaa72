/**
 * The lines at the bottom of a terminal that are drawn again and again. Whatever is to stay is written above them.
 * Sequences: ECMA-48, and DEC's private modes for the cursor (25), wrapping (7) and drawing at once (2026).
 */

import { stripVTControlCharacters } from "node:util";
import { displayWidth } from "../text/index.ts";
import type { Output } from "./progress.ts";

const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
// A terminal that thinks a character wider than we do must cut the line, not go to the next one: lines are counted to get back up.
const noWrap = "\x1b[?7l";
const wrap = "\x1b[?7h";
// Terminals that don't know it ignore it; the others don't show a half drawn picture.
const beginTogether = "\x1b[?2026h";
const endTogether = "\x1b[?2026l";
const clearLine = "\x1b[K";
const clearBelow = "\x1b[J";

export interface TerminalSize {
  /** Both at least 1. */
  readonly columns: number;
  readonly rows: number;
}

export class LiveRegion {
  readonly #out: Output;
  /** The width of each line that is drawn. */
  #drawn: readonly number[] = [];
  #open = false;

  constructor(out: Output) {
    this.#out = out;
  }

  /** Replaces what is drawn by `lines`, which fit into the terminal as of now. */
  draw(lines: readonly string[], size: TerminalSize): void {
    const begin = this.#open ? "" : hideCursor;
    this.#open = true;
    const body = lines.map((line) => `${line}${clearLine}\n`).join("");
    this.#out.write(begin + beginTogether + noWrap + this.#toTop(size) + body + clearBelow + wrap + endTogether);
    this.#drawn = lines.map((line) => displayWidth(stripVTControlCharacters(line)));
  }

  /** Writes lines that stay, above the region, which vanishes until it is drawn again. */
  writeAbove(text: string, size: TerminalSize): void {
    this.#out.write(this.#toTop(size) + clearBelow + text);
    this.#drawn = [];
  }

  /** Takes the region away and gives the cursor back. May be called again. */
  close(size: TerminalSize): void {
    if (!this.#open) return;
    this.#out.write(this.#toTop(size) + clearBelow + showCursor);
    this.#drawn = [];
    this.#open = false;
  }

  /** Up to the first line that is drawn. A terminal that became narrower has broken lines into several; what left it above is lost. */
  #toTop({ columns, rows }: TerminalSize): string {
    const drawn = this.#drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    const up = Math.min(drawn, rows - 1);
    return up === 0 ? "" : `\r\x1b[${up}A`;
  }
}
