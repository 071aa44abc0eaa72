/**
 * The reading head of the shell lexer: where it is, what comes next, and which variables it has met.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/shell/lex.go and Go's text/scanner, which it reads with.
 */
import type { EnvLookup } from "./env.ts";

export interface LexOptions {
  /** The escape character of the file. */
  readonly escape: "\\" | "`";
  /** Quotes stay in the result. */
  readonly rawQuotes?: boolean;
  /** Escape characters stay in the result. */
  readonly rawEscapes?: boolean;
  /** Quotes have no meaning. */
  readonly skipProcessQuotes?: boolean;
  /** A variable that is not set stays as it was written. */
  readonly skipUnsetEnv?: boolean;
}

/** A text that is being read, and what was found in it so far. */
export interface Lexer {
  readonly text: string;
  readonly env: EnvLookup;
  readonly options: LexOptions;
  /** False when nobody wants the words. */
  readonly split: boolean;
  readonly escape: number;
  position: number;
  depth: number;
  rawEscapes: boolean;
  /** The word that is being gathered. One for all levels of nesting, as in the original. */
  word: string;
  matched: Set<string> | undefined;
  unmatched: Set<string> | undefined;
}

export const EOF = -1;
export const DOLLAR = 0x24;
export const DOUBLE_QUOTE = 0x22;
export const SINGLE_QUOTE = 0x27;
export const LESS = 0x3c;
export const SLASH = 0x2f;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const COLON = 0x3a;

export function newLexer(word: string, env: EnvLookup, options: LexOptions, split: boolean): Lexer {
  // The original's scanner replaces what is not UTF-8 and skips a byte order mark.
  const text = word.toWellFormed();
  return {
    text,
    env,
    options,
    split,
    escape: options.escape.charCodeAt(0),
    position: text.startsWith("\uFEFF") ? 1 : 0,
    depth: 0,
    rawEscapes: options.rawEscapes === true,
    word: "",
    matched: undefined,
    unmatched: undefined,
  };
}

/** The next UTF-16 unit, or `EOF`. */
export function peek(lexer: Lexer): number {
  return lexer.position < lexer.text.length ? lexer.text.charCodeAt(lexer.position) : EOF;
}

/** Takes the next code point. */
export function takeChar(lexer: Lexer): string {
  const code = lexer.text.codePointAt(lexer.position);
  // The original prints the end of the text as the replacement character.
  if (code === undefined) return "\uFFFD";
  const char = String.fromCodePoint(code);
  lexer.position += char.length;
  return char;
}

const NAME = /[\p{L}\p{Nd}_]*/uy;
const DIGITS = /\p{Nd}+/uy;

/** A name, a number, or one special parameter; "" when there is none. */
export function takeName(lexer: Lexer): string {
  const digits = matchAt(DIGITS, lexer);
  if (digits !== "") return digits;
  const first = lexer.text.charAt(lexer.position);
  if (first !== "" && "@*#?-$!".includes(first)) {
    lexer.position++;
    return first;
  }
  return matchAt(NAME, lexer);
}

function matchAt(pattern: RegExp, lexer: Lexer): string {
  pattern.lastIndex = lexer.position;
  const match = pattern.exec(lexer.text)?.[0] ?? "";
  lexer.position += match.length;
  return match;
}

/** The value of a variable, which is noted as found or missing. */
export function getEnv(lexer: Lexer, name: string): string | undefined {
  const value = lexer.env.get(name);
  if (value !== undefined) {
    lexer.matched ??= new Set();
    lexer.matched.add(name);
  } else {
    lexer.unmatched ??= new Set();
    lexer.unmatched.add(name);
  }
  return value;
}
