/**
 * The end of what one step has printed, as lines, in bounded memory. Bytes come in pieces that end anywhere: within a line, within an
 * escape sequence, within a character. What is no UTF-8 becomes U+FFFD.
 *
 * A carriage return begins a line anew, as on a terminal, so of a progress bar only what stood there last remains.
 */

export interface LogLine {
  readonly text: string;
  readonly stream: "stdout" | "stderr";
  /** When its first byte was printed, by the daemon's clock. */
  readonly timeMs: number;
}

/** A piece of a step's output. */
export interface LogPiece {
  readonly stream: "stdout" | "stderr";
  readonly data: Uint8Array;
  readonly timestampMs: number | undefined;
}

export interface LogTailOptions {
  /** Lines are forgotten, oldest first, where all together have more UTF-16 units than this. */
  readonly maxLength: number;
  /** Keeps what a carriage return would wipe out as a line, but only this long after the last one was kept. Without it none is kept. */
  readonly keepRewritesEveryMs?: number | undefined;
}

/** A line that doesn't end is ended here: whatever prints it is no text. */
const MAX_LINE_LENGTH = 16 * 1024;

export class LogTail {
  readonly #options: LogTailOptions;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  #lines: LogLine[] = [];
  #length = 0;
  #forgotten = 0;
  #open: LogLine | undefined;
  /** A carriage return was the last character: the next one tells what it means. */
  #returned = false;
  #rewriteKeptMs = Number.NEGATIVE_INFINITY;

  constructor(options: LogTailOptions) {
    this.#options = options;
  }

  /** The lines that there have ever been, without the open one: the number of the next line. */
  get count(): number {
    return this.#forgotten + this.#lines.length;
  }

  add(piece: LogPiece): void {
    const text = this.#decoders[piece.stream].decode(piece.data, { stream: true });
    const timeMs = piece.timestampMs ?? 0;
    for (const token of text.match(/[^\r\n]+|\r|\n/g) ?? []) {
      if (token === "\n") this.#end(piece.stream, timeMs);
      else if (token === "\r") this.#returned = true;
      else this.#append(token, piece.stream, timeMs);
    }
  }

  /** Ends the line that is open, if there is one: nothing more will come. */
  flush(): void {
    this.#returned = false;
    if (this.#open !== undefined) this.#keep(this.#open);
    this.#open = undefined;
  }

  /** The lines from number `first` on that are not forgotten; `missing` counts those that are. */
  from(first: number): { readonly missing: number; readonly lines: readonly LogLine[] } {
    return {
      missing: Math.max(0, this.#forgotten - first),
      lines: this.#lines.slice(Math.max(0, first - this.#forgotten)),
    };
  }

  /** The last `count` lines, the open one included. */
  last(count: number): readonly LogLine[] {
    const open = this.#open === undefined ? [] : [this.#open];
    return [...this.#lines.slice(-count), ...open].slice(-count);
  }

  /** Forgets all lines, which stay counted. */
  clear(): void {
    this.#forgotten += this.#lines.length;
    this.#lines = [];
    this.#length = 0;
  }

  #append(token: string, stream: LogLine["stream"], timeMs: number): void {
    if (this.#returned) this.#rewrite();
    let rest = token;
    while ((this.#open?.text.length ?? 0) + rest.length > MAX_LINE_LENGTH) {
      const room = MAX_LINE_LENGTH - (this.#open?.text.length ?? 0);
      this.#extend(rest.slice(0, room), stream, timeMs);
      this.#end(stream, timeMs);
      rest = rest.slice(room);
    }
    this.#extend(rest, stream, timeMs);
  }

  #extend(text: string, stream: LogLine["stream"], timeMs: number): void {
    this.#open = {
      text: (this.#open?.text ?? "") + text,
      stream: this.#open?.stream ?? stream,
      timeMs: this.#open?.timeMs ?? timeMs,
    };
  }

  #end(stream: LogLine["stream"], timeMs: number): void {
    this.#returned = false;
    this.#keep(this.#open ?? { text: "", stream, timeMs });
    this.#open = undefined;
  }

  #rewrite(): void {
    this.#returned = false;
    const { keepRewritesEveryMs } = this.#options;
    if (this.#open !== undefined && keepRewritesEveryMs !== undefined) {
      if (this.#open.timeMs - this.#rewriteKeptMs >= keepRewritesEveryMs) {
        this.#rewriteKeptMs = this.#open.timeMs;
        this.#keep(this.#open);
      }
    }
    this.#open = undefined;
  }

  #keep(line: LogLine): void {
    this.#lines.push(line);
    this.#length += line.text.length + 1;
    if (this.#length <= this.#options.maxLength) return;
    // Down to three quarters at once: to move the rest for each new line would make floods expensive.
    let dropped = 0;
    while (this.#length > this.#options.maxLength * 0.75 && dropped < this.#lines.length - 1) {
      this.#length -= (this.#lines[dropped]?.text.length ?? 0) + 1;
      dropped++;
    }
    this.#lines = this.#lines.slice(dropped);
    this.#forgotten += dropped;
  }
}
