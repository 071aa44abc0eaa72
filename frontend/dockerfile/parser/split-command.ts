/**
 * The first cut through a logical line: keyword, builder flags, and the rest.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/parser/split_command.go.
 */
import { fromBinary, toBinary } from "../text/bytes.ts";
import { isBlank, isSpace, skipSpace, skipSpaceBack } from "../text/unicode.ts";
import type { Token } from "./logical-line.ts";

export interface SplitCommand {
  /** As written; "" for a line without any text. */
  readonly keyword: Token;
  /** The words that start with "--", without quotes and escapes. */
  readonly flags: readonly Token[];
  /** What follows, without white space around it. */
  readonly rest: Token;
}

/** Splits the part of `line` that starts at `from`. Offsets are those of `line`. */
export function splitCommand(line: string, from: number, escapeChar: string): SplitCommand {
  const start = skipSpace(line, from);
  const end = skipSpaceBack(line, start);
  let keywordEnd = start;
  while (keywordEnd < end && !isBlank(line.charCodeAt(keywordEnd))) keywordEnd++;
  const keyword = { text: line.slice(start, keywordEnd), start, end: keywordEnd };
  let argsStart = keywordEnd;
  while (argsStart < end && isBlank(line.charCodeAt(argsStart))) argsStart++;
  const { flags, rest } = splitFlags(line.slice(argsStart, end), argsStart, escapeChar);
  return { keyword, flags, rest: trimToken(rest) };
}

interface Flags {
  readonly flags: readonly Token[];
  readonly rest: Token;
}

const NO_FLAGS: readonly Token[] = [];

function splitFlags(args: string, offset: number, escapeChar: string): Flags {
  const flagged = args.startsWith("--") || isLoneByte(args.charCodeAt(0));
  if (!flagged) return { flags: NO_FLAGS, rest: { text: args, start: offset, end: offset + args.length } };
  const plain = readFlags(args, escapeChar, true);
  if (plain !== undefined) {
    return { flags: plain.flags.map((flag) => shift(flag, offset)), rest: restOf(args, plain.rest, offset) };
  }
  return splitFlagBytes(args, offset, escapeChar);
}

/**
 * The original walks over the bytes of the flags: a byte of a longer character counts as the Latin-1 character of that
 * number, which garbles it, and 0x85 and 0xA0 are white space. So do we, and find the places of the flags again.
 */
function splitFlagBytes(args: string, offset: number, escapeChar: string): Flags {
  const binary = toBinary(args);
  const read = readFlags(binary, escapeChar, false);
  if (read === undefined) return { flags: [], rest: restOf(args, args.length, offset) };
  const text = fromBinary(binary.slice(read.rest));
  const end = offset + args.length;
  const start = Math.max(offset, end - text.length);
  // A character that a flag's end has cut counts twice, so that places may be a little too far on.
  let byte = 0;
  let unit = offset;
  const placeOf = (to: number) => {
    unit += fromBinary(binary.slice(byte, to)).length;
    byte = to;
    return Math.min(unit, start);
  };
  const flags = read.flags.map((flag) => ({ text: flag.text, start: placeOf(flag.start), end: placeOf(flag.end) }));
  return { flags, rest: { text, start, end } };
}

interface ReadFlags {
  readonly flags: readonly Token[];
  /** Where the flags end. */
  readonly rest: number;
}

/** With `asciiOnly`, gives up (undefined) at the first character that is not ASCII. */
function readFlags(text: string, escapeChar: string, asciiOnly: boolean): ReadFlags | undefined {
  const flags: Token[] = [];
  let position = 0;
  while (true) {
    while (position < text.length && isSpace(text.charCodeAt(position))) position++;
    if (position >= text.length || !text.startsWith("--", position)) break;
    const flag = readFlag(text, position, escapeChar);
    position = flag.end;
    if (flag.text === "--") break;
    if (flag.text !== "" || flag.quoted) flags.push({ text: flag.text, start: flag.start, end: flag.end });
  }
  if (!asciiOnly) return { flags, rest: position };
  for (let index = 0; index <= Math.min(position, text.length - 1); index++) {
    if (text.charCodeAt(index) >= 0x80) return undefined;
  }
  return { flags, rest: position };
}

interface ReadFlag extends Token {
  readonly quoted: boolean;
}

function readFlag(text: string, start: number, escapeChar: string): ReadFlag {
  let word = "";
  let quote = "";
  let quoted = false;
  let position = start;
  for (; position < text.length; position++) {
    const char = text.charAt(position);
    if (quote === "" && isSpace(text.charCodeAt(position))) break;
    if (quote === "" && (char === "'" || char === '"')) {
      quote = char;
      quoted = true;
    } else if (char === quote) {
      quote = "";
    } else if (char !== escapeChar) {
      word += char;
    } else if (++position < text.length) {
      word += text.charAt(position);
    }
  }
  const end = Math.min(position, text.length);
  return { text: word, start, end, quoted };
}

function restOf(args: string, from: number, offset: number): Token {
  return { text: args.slice(from), start: offset + from, end: offset + args.length };
}

function shift(token: Token, offset: number): Token {
  return { text: token.text, start: token.start + offset, end: token.end + offset };
}

function trimToken(token: Token): Token {
  const start = skipSpace(token.text);
  const end = skipSpaceBack(token.text, start);
  return {
    text: token.text.slice(start, end),
    start: token.start + start,
    end: Math.max(token.start + start, token.end - (token.text.length - end)),
  };
}

function isLoneByte(unit: number): boolean {
  return unit >= 0xdc80 && unit <= 0xdcff;
}
