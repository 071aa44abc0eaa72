/**
 * Shell words of a Dockerfile: quotes, escapes and variables.
 *
 * Reproduces moby/buildkit v0.33.0 frontend/dockerfile/shell/lex.go to the letter, its oddities included: a
 * `${x:-y}` inside of a word that is split throws away what the word had before it. Linear in the length of the text.
 */
import { BuildError } from "../../../llb/index.ts";
import { quote } from "../text/quote.ts";
import { syntaxError } from "../text/syntax-error.ts";
import type { EnvLookup } from "./env.ts";
import {
  CLOSE_BRACE,
  COLON,
  DOLLAR,
  DOUBLE_QUOTE,
  EOF,
  getEnv,
  LESS,
  type Lexer,
  type LexOptions,
  newLexer,
  OPEN_BRACE,
  peek,
  SINGLE_QUOTE,
  SLASH,
  takeChar,
  takeName,
} from "./lexer.ts";
import { replaceAll, replaceFirst, trimPrefix, trimSuffix } from "./substitute.ts";
import { WordList } from "./word-list.ts";

export type { LexOptions } from "./lexer.ts";

export interface ExpandedWord {
  readonly text: string;
  /** Names of the variables that were set, and that were not, in the order of their first use. */
  readonly matched: ReadonlySet<string>;
  readonly unmatched: ReadonlySet<string>;
}

const NO_NAMES: ReadonlySet<string> = new Set();
const SPECIAL = /[$'"\\`<\uFEFF\uD800-\uDFFF]/;

/** Expands the variables of a text. Throws `BuildError` with BuildKit's message. */
export function processWord(word: string, env: EnvLookup, options: LexOptions): ExpandedWord {
  if (!SPECIAL.test(word)) return { text: word, matched: NO_NAMES, unmatched: NO_NAMES };
  const lexer = newLexer(word, env, options, false);
  const text = process(lexer, word).text;
  return { text, matched: lexer.matched ?? NO_NAMES, unmatched: lexer.unmatched ?? NO_NAMES };
}

/** Expands the variables of a text and splits it at white space that is not quoted. Throws as {@link processWord}. */
export function processWords(word: string, env: EnvLookup, options: LexOptions): readonly string[] {
  return process(newLexer(word, env, options, true), word).words;
}

/** Substitutions within substitutions. The original has no limit but its stack; ours must not be reached. */
const MAX_DEPTH = 500;

interface Processed {
  readonly text: string;
  readonly words: readonly string[];
}

function process(lexer: Lexer, source: string): Processed {
  try {
    return processUntil(lexer, EOF, lexer.rawEscapes);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw syntaxError(`failed to process ${quote(source)}: ${error.message}`);
  }
}

/** Reads up to `stop`, which is consumed; `EOF` reads all. */
function processUntil(lexer: Lexer, stop: number, rawEscapes: boolean): Processed {
  if (lexer.depth === MAX_DEPTH) throw syntaxError("syntax error: substitutions nested too deeply");
  const outerRawEscapes = lexer.rawEscapes;
  lexer.rawEscapes = rawEscapes;
  lexer.depth++;
  try {
    return readUntil(lexer, stop);
  } finally {
    lexer.rawEscapes = outerRawEscapes;
    lexer.depth--;
  }
}

function readUntil(lexer: Lexer, stop: number): Processed {
  const words = new WordList(lexer);
  let text = "";
  while (true) {
    const plain = takePlain(lexer, stop);
    text += plain;
    words.addText(plain);
    const next = peek(lexer);
    if (next === EOF) break;
    if (next === stop) {
      lexer.position++;
      return { text, words: words.end() };
    }
    const taken = next === lexer.escape ? takeEscaped(lexer) : takeSpecial(lexer, next);
    text += taken;
    if (next === DOLLAR) words.addText(taken.toWellFormed());
    else words.addRaw(taken);
  }
  if (stop !== EOF) {
    throw syntaxError(`unexpected end of statement while looking for matching ${String.fromCharCode(stop)}`);
  }
  return { text, words: words.end() };
}

function isSpecial(lexer: Lexer, unit: number): boolean {
  if (unit === DOLLAR || unit === LESS) return true;
  return (unit === SINGLE_QUOTE || unit === DOUBLE_QUOTE) && lexer.options.skipProcessQuotes !== true;
}

function takePlain(lexer: Lexer, stop: number): string {
  const start = lexer.position;
  let index = start;
  for (; index < lexer.text.length; index++) {
    const unit = lexer.text.charCodeAt(index);
    if (unit === stop || unit === lexer.escape || isSpecial(lexer, unit)) break;
  }
  lexer.position = index;
  return lexer.text.slice(start, index);
}

/** An escape and what it escapes; at the end of the text it is dropped. */
function takeEscaped(lexer: Lexer): string {
  const raw = lexer.rawEscapes ? lexer.options.escape : "";
  const escaped = lexer.text.charAt(lexer.position + 1);
  lexer.position += 2;
  return raw + escaped;
}

function takeSpecial(lexer: Lexer, unit: number): string {
  switch (unit) {
    case DOLLAR:
      return takeDollar(lexer);
    case LESS:
      return takeLess(lexer);
    case SINGLE_QUOTE:
      return takeSingleQuoted(lexer);
    default:
      return takeDoubleQuoted(lexer);
  }
}

function takeSingleQuoted(lexer: Lexer): string {
  const start = lexer.position;
  const end = lexer.text.indexOf("'", start + 1);
  if (end < 0) {
    lexer.position = lexer.text.length;
    throw syntaxError("unexpected end of statement while looking for matching single-quote");
  }
  lexer.position = end + 1;
  return lexer.options.rawQuotes === true ? lexer.text.slice(start, end + 1) : lexer.text.slice(start + 1, end);
}

function takeDoubleQuoted(lexer: Lexer): string {
  const mark = lexer.options.rawQuotes === true ? '"' : "";
  let result = mark;
  lexer.position++;
  while (true) {
    const start = lexer.position;
    let index = start;
    while (index < lexer.text.length && !endsQuotedRun(lexer, lexer.text.charCodeAt(index))) index++;
    result += lexer.text.slice(start, index);
    lexer.position = index;
    const next = peek(lexer);
    if (next === EOF) {
      throw syntaxError("unexpected end of statement while looking for matching double-quote");
    }
    if (next === DOUBLE_QUOTE) {
      lexer.position++;
      return result + mark;
    }
    result += next === DOLLAR ? takeDollar(lexer) : takeQuotedEscape(lexer);
  }
}

function endsQuotedRun(lexer: Lexer, unit: number): boolean {
  return unit === DOUBLE_QUOTE || unit === DOLLAR || unit === lexer.escape;
}

/** In double quotes an escape works on `"`, `$` and itself, and stays before anything else. */
function takeQuotedEscape(lexer: Lexer): string {
  lexer.position++;
  const raw = lexer.rawEscapes ? lexer.options.escape : "";
  const next = peek(lexer);
  if (next === EOF) return raw;
  if (next === DOUBLE_QUOTE || next === DOLLAR || next === lexer.escape) {
    lexer.position++;
    return raw + String.fromCharCode(next);
  }
  return raw + lexer.options.escape;
}

/** "<<" and the blanks after it stay together, as the start of a here-document. */
function takeLess(lexer: Lexer): string {
  const start = lexer.position++;
  if (peek(lexer) !== LESS) return "<";
  lexer.position++;
  for (let next = peek(lexer); next === 0x09 || next === 0x0d || next === 0x20; next = peek(lexer)) lexer.position++;
  return lexer.text.slice(start, lexer.position);
}

function takeDollar(lexer: Lexer): string {
  lexer.position++;
  if (peek(lexer) !== OPEN_BRACE) {
    const name = takeName(lexer);
    return name === "" ? "$" : variableValue(lexer, name, `$${name}`);
  }
  lexer.position++;
  const first = peek(lexer);
  if (first === EOF) throw syntaxError("syntax error: missing '}'");
  if (first === OPEN_BRACE || first === CLOSE_BRACE || first === COLON) {
    throw syntaxError("syntax error: bad substitution");
  }
  return takeBraced(lexer, takeName(lexer));
}

/** Of one that is not set nothing, or what is written. */
function variableValue(lexer: Lexer, name: string, written: string): string {
  return getEnv(lexer, name) ?? (lexer.options.skipUnsetEnv === true ? written : "");
}

/** What follows the name in `${name…}`. */
function takeBraced(lexer: Lexer, name: string): string {
  const operator = takeChar(lexer);
  switch (operator) {
    case "}":
      return variableValue(lexer, name, `\${${name}}`);
    case ":":
      return takeModifier(lexer, name, takeChar(lexer), true);
    case "+":
    case "-":
    case "?":
    case "#":
    case "%":
      return takeModifier(lexer, name, operator, false);
    case "/":
      return takeReplacement(lexer, name);
    default:
      throw unsupported(operator);
  }
}

function takeModifier(lexer: Lexer, name: string, operator: string, nullIsUnset: boolean): string {
  const written = nullIsUnset ? `:${operator}` : operator;
  const trims = operator === "#" || operator === "%";
  if (nullIsUnset && trims) throw unsupported(written);
  const word = takeNested(lexer, CLOSE_BRACE, trims, "syntax error: missing '}'");
  const value = getEnv(lexer, name);
  if (value === undefined && lexer.options.skipUnsetEnv === true) return `\${${name}${written}${word}}`;
  const isSet = value !== undefined && !(nullIsUnset && value === "");
  switch (operator) {
    case "-":
      return isSet ? value : word;
    case "+":
      return isSet ? word : "";
    case "?":
      if (isSet) return value;
      throw syntaxError(
        `${name}: ${word !== "" ? word : `is not allowed to be ${value === undefined ? "unset" : "empty"}`}`,
      );
    case "#":
    case "%": {
      const longest = word.startsWith(operator);
      const pattern = longest ? word.slice(1) : word;
      return (operator === "#" ? trimPrefix : trimSuffix)(pattern, value ?? "", longest);
    }
    default:
      throw unsupported(written);
  }
}

function takeReplacement(lexer: Lexer, name: string): string {
  const all = peek(lexer) === SLASH;
  if (all) lexer.position++;
  const pattern = takeNested(lexer, SLASH, true, `syntax error: missing '/' in \${}`);
  const replacement = takeNested(lexer, CLOSE_BRACE, true, "syntax error: missing '}'");
  const value = getEnv(lexer, name);
  if (value === undefined && lexer.options.skipUnsetEnv === true) return `\${${name}/${pattern}/${replacement}}`;
  return (all ? replaceAll : replaceFirst)(pattern, value ?? "", replacement);
}

/** The word up to `stop`; `missing` is the error when the text ends before it. */
function takeNested(lexer: Lexer, stop: number, rawEscapes: boolean, missing: string): string {
  try {
    return processUntil(lexer, stop, rawEscapes).text;
  } catch (error) {
    if (error instanceof BuildError && peek(lexer) === EOF) throw syntaxError(missing);
    throw error;
  }
}

function unsupported(operator: string): BuildError {
  return syntaxError(`unsupported modifier (${operator}) in substitution`);
}
