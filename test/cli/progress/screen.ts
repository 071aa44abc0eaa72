/** A terminal as far as the live display uses one: text, line feeds, and the sequences of `live-region.ts`. Everything else throws. */
import { cells } from "../../../cli/text/index.ts";

export class Screen {
  cursorShown = true;
  /** Every text that was written, as it came. */
  readonly writes: string[] = [];
  #lines: string[] = [""];
  #row = 0;
  #wrap = true;
  #top = 0;
  #columns: number;
  #rows: number;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  /** The lines that can be seen, and those that have scrolled away before them. */
  get text(): string {
    return this.#lines.join("\n").trimEnd();
  }

  get columns(): number {
    return this.#columns;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Makes it another size; breaks and joins lines as terminals do. Only narrower, and with the cursor on an empty last line. */
  narrow(columns: number): void {
    this.#columns = columns;
    this.#lines = this.#lines.flatMap((line) => {
      const parts: string[] = [];
      for (let at = 0; at < line.length || at === 0; at += columns) parts.push(line.slice(at, at + columns));
      return parts;
    });
    this.#row = this.#lines.length - 1;
    this.#scroll();
  }

  write(text: string): void {
    this.writes.push(text);
    for (const part of text.match(/\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+/g) ?? []) this.#take(part);
  }

  #take(part: string): void {
    if (part === "\n") return this.#lineFeed();
    if (part === "\r") return;
    if (!part.startsWith("\x1b")) return this.#print(part);
    const [, parameter = "", command] = /^\x1b\[([0-9;?]*)([A-Za-z])$/.exec(part) ?? [];
    switch (`${command}`) {
      case "A":
        if (Number(parameter) > this.#row - this.#top) throw new Error(`up ${parameter} from row ${this.#row - this.#top}`);
        this.#row -= Number(parameter);
        return;
      case "K":
        // Text is written from the beginning of a line on, so what was there is already gone.
        return;
      case "J":
        this.#lines = [...this.#lines.slice(0, this.#row), ""];
        return;
      case "h":
      case "l":
        if (parameter === "?25") this.cursorShown = command === "h";
        if (parameter === "?7") this.#wrap = command === "h";
        return;
      case "m":
        return;
      default:
        throw new Error(`unexpected sequence ${JSON.stringify(part)}`);
    }
  }

  #print(text: string): void {
    const width = cells(text).reduce((sum, cell) => sum + cell.width, 0);
    if (this.#wrap === false && width >= this.#columns) throw new Error(`a line of ${width} columns: ${text}`);
    this.#lines[this.#row] = text;
  }

  #lineFeed(): void {
    this.#row++;
    this.#lines[this.#row] ??= "";
    this.#scroll();
  }

  #scroll(): void {
    this.#top = Math.max(this.#top, this.#row - this.#rows + 1);
  }
}
