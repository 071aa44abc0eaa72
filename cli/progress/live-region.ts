/**
 * The lines at the bottom of a terminal that are drawn again and again. Whatever is to stay is written above them.
 * Sequences: ECMA-48, and DEC's private modes for the cursor (25), wrapping (7) and drawing at once (2026).
 */

import { stripVTControlCharacters } from "node:util";
import { displayWidth } from "../text/index.ts";
import type { Output } from "./progress.ts";

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
// A terminal that thinks a character wider than we do must cut the line, not go to the next one: lines are counted to get back up.
const NO_WRAP = "\x1b[?7l";
const WRAP = "\x1b[?7h";
// Terminals that don't know it ignore it; the others don't show a half drawn picture.
const BEGIN_TOGETHER = "\x1b[?2026h";
const END_TOGETHER = "\x1b[?2026l";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

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
    const begin = this.#open ? "" : HIDE_CURSOR;
    this.#open = true;
    const body = lines.map((line) => `${line}${CLEAR_LINE}\n`).join("");
    this.#out.write(begin + BEGIN_TOGETHER + NO_WRAP + this.#toTop(size) + body + CLEAR_BELOW + WRAP + END_TOGETHER);
    this.#drawn = lines.map((line) => displayWidth(stripVTControlCharacters(line)));
  }

  /** Writes lines that stay, above the region, which vanishes until it is drawn again. */
  writeAbove(text: string, size: TerminalSize): void {
    this.#out.write(this.#toTop(size) + CLEAR_BELOW + text);
    this.#drawn = [];
  }

  /** Takes the region away and gives the cursor back. May be called again. */
  close(size: TerminalSize): void {
    if (!this.#open) return;
    this.#out.write(this.#toTop(size) + CLEAR_BELOW + SHOW_CURSOR);
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
