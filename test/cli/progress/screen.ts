/** A terminal as far as the live display uses one: text, line feeds, and the sequences of `live-region.ts`. Everything else throws. */
import { cells } from "../../../cli/text/index.ts";

export class Screen {
  cursorShown = true;
  /** Every text that was written, as it came. */
  readonly writes: string[] = [];
  /** What is drawn in each column of each line; a wide character leaves the column behind it empty. */
  #lines: string[][] = [[]];
  #row = 0;
  #column = 0;
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
    const lines = this.#lines.map((line) => line.join("").trimEnd());
    return lines.join("\n").trimEnd();
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
      const parts: string[][] = [];
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
    if (part === "\n") this.#lineFeed();
    else if (part.startsWith("\x1b")) this.#control(part);
    else if (part === "\r") this.#column = 0;
    else this.#print(part);
  }

  #control(part: string): void {
    const [, parameter = "", command] = /^\x1b\[([0-9;?]*)([A-Za-z])$/.exec(part) ?? [];
    switch (`${command}`) {
      case "A":
        if (Number(parameter) > this.#row - this.#top)
          throw new Error(`up ${parameter} from row ${this.#row - this.#top}`);
        this.#row -= Number(parameter);
        return;
      case "K":
        this.#lines[this.#row]?.splice(this.#column);
        return;
      case "J":
        this.#lines[this.#row]?.splice(this.#column);
        this.#lines.splice(this.#row + 1);
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
    for (const { text: drawn, width } of cells(text)) {
      this.#lines[this.#row]?.splice(this.#column, width, drawn, ...Array<string>(Math.max(0, width - 1)).fill(""));
      this.#column += width;
    }
    // The last column is where terminals differ.
    if (this.#column >= this.#columns && !this.#wrap) throw new Error(`a line of ${this.#column} columns: ${text}`);
  }

  #lineFeed(): void {
    this.#row++;
    this.#column = 0;
    this.#lines[this.#row] ??= [];
    this.#scroll();
  }

  #scroll(): void {
    this.#top = Math.max(this.#top, this.#row - this.#rows + 1);
  }
}
