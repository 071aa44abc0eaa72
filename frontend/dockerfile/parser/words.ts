/**
 * The ways an instruction's text falls into words.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/parser/line_parsers.go.
 */
import { isBlank, isSpace } from "../text/unicode.ts";
import type { Token } from "./logical-line.ts";

/** Splits at blanks, with no regard to quotes. An empty text has no words. */
export function splitBlank(token: Token): readonly Token[] {
  const { text, start } = token;
  const words: Token[] = [];
  for (let from = 0; from < text.length; ) {
    let to = from;
    while (to < text.length && !isBlank(text.charCodeAt(to))) to++;
    words.push({ text: text.slice(from, to), start: start + from, end: start + to });
    from = to;
    while (from < text.length && isBlank(text.charCodeAt(from))) from++;
  }
  return words;
}

/** Splits at white space outside of quotes. Quotes and escapes stay in the words; what is not UTF-8 becomes U+FFFD. */
export function splitQuoted(token: Token, escapeChar: string): readonly Token[] {
  const { text, start } = token;
  const words: Token[] = [];
  for (let from = 0; ; ) {
    while (from < text.length && isSpace(text.charCodeAt(from))) from++;
    if (from >= text.length) return words;
    const position = skipQuotedWord(text, from, escapeChar);
    const to = Math.min(position, text.length);
    // An escape with nothing to escape is no part of the word.
    const word = text.slice(from, position > to ? to - 1 : to).toWellFormed();
    if (word !== "") words.push({ text: word, start: start + from, end: start + to });
    from = to;
  }
}

/** The end of the word at `from`, or one more than the text's length when the text ends in an escape. */
function skipQuotedWord(text: string, from: number, escapeChar: string): number {
  let quote = "";
  let position = from;
  for (; position < text.length; position++) {
    const char = text.charAt(position);
    if (quote === "") {
      if (isSpace(text.charCodeAt(position))) break;
      if (char === "'" || char === '"') quote = char;
      else if (char === escapeChar) position++;
    } else if (char === quote) {
      quote = "";
    } else if (char === escapeChar && quote !== "'") {
      position++;
    }
  }
  return position;
}
