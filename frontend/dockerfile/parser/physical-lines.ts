/**
 * The lines of a text as Go's bufio.Scanner gives them to BuildKit's parser: with their line ends, and only up to the
 * first line that is too long for its buffer.
 */
import { decodeText, encodeText, exceedsBytes } from "../text/bytes.ts";

/** Size of the scanner's buffer. A line with its line end must fit; one without must leave a byte. */
const MAX_TOKEN_BYTES = 64 * 1024;

export const MAX_LINE_BYTES = MAX_TOKEN_BYTES - 1;

/** Reads a text line by line. `offset` and `line` are those of the next line to come, the latter counted from 1. */
export interface LineCursor {
  readonly text: string;
  offset: number;
  line: number;
  /** The next line is too long: no more lines come. */
  tooLong: boolean;
  /** What fitted into the buffer has been given as a line. */
  cut: boolean;
}

export function newCursor(text: string): LineCursor {
  return { text, offset: 0, line: 1, tooLong: false, cut: false };
}

/**
 * The next line with its line end, or undefined at the end of the text and before a line that is too long. Whoever asks on
 * after that, as the loop around another loop does, gets as much of it as the scanner has in its buffer.
 */
export function nextLine(cursor: LineCursor): string | undefined {
  const { text, offset } = cursor;
  if (cursor.tooLong) return cutLine(cursor);
  if (offset >= text.length) return undefined;
  const newline = text.indexOf("\n", offset);
  const end = newline < 0 ? text.length : newline + 1;
  const line = text.slice(offset, end);
  if (exceedsBytes(line, newline < 0 ? MAX_LINE_BYTES : MAX_TOKEN_BYTES)) {
    cursor.tooLong = true;
    return undefined;
  }
  cursor.offset = end;
  cursor.line++;
  return line;
}

function cutLine(cursor: LineCursor): string | undefined {
  if (cursor.cut) return undefined;
  cursor.cut = true;
  cursor.line++;
  const { text, offset } = cursor;
  return decodeText(encodeText(text.slice(offset, offset + MAX_TOKEN_BYTES)).subarray(0, MAX_TOKEN_BYTES));
}

/** The line without the carriage returns and newlines at its end. */
export function trimNewline(line: string): string {
  let end = line.length;
  while (end > 0 && (line.charCodeAt(end - 1) === 0x0a || line.charCodeAt(end - 1) === 0x0d)) end--;
  return line.slice(0, end);
}
