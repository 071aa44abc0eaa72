/**
 * A statement: an instruction cut into its words, but not understood yet.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/parser (newNodeFromLine, line_parsers.go).
 */
import type { Heredoc, LineSpan } from "../instruction.ts";
import { fromBinary, toBinary } from "../text/bytes.ts";
import { quote } from "../text/quote.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { isAscii, isBlank, isSpace, skipSpace, toLower } from "../text/unicode.ts";
import { readJsonArray } from "./json-array.ts";
import { type LogicalLine, rangeOf, type Token } from "./logical-line.ts";
import { type SplitCommand, splitCommand } from "./split-command.ts";
import { splitBlank, splitQuoted } from "./words.ts";

/** `name value` or `name=value` of ENV and LABEL. `legacy`: without "=". */
export interface PairToken extends Token {
  readonly key: string;
  readonly value: string;
  readonly legacy: boolean;
}

export type StatementBody =
  /** `json`: the words are those of a JSON array. */
  | { readonly kind: "words"; readonly words: readonly Token[]; readonly json: boolean }
  | { readonly kind: "pairs"; readonly pairs: readonly PairToken[] }
  /** ONBUILD: the innermost thing known is its trigger's keyword. */
  | { readonly kind: "trigger"; readonly keyword: Token | undefined; readonly takesHeredocs: boolean };

export interface Statement {
  readonly keyword: Token;
  /** The keyword in lower case. */
  readonly name: string;
  readonly flags: readonly Token[];
  readonly body: StatementBody;
  readonly line: LogicalLine;
  readonly lines: LineSpan;
  readonly comments: readonly string[];
  readonly heredocs: readonly Heredoc[];
}

const MZFROM = "MZFROM";

/** What a logical line says by itself. */
export type StatementHead = Pick<Statement, "keyword" | "name" | "flags" | "body">;

/** Throws `BuildError` for what BuildKit's line parsers refuse. */
export function readStatementHead(line: LogicalLine, escapeChar: string): StatementHead {
  const { keyword, flags, rest } = splitMzfrom(line, splitCommand(line.text, 0, escapeChar));
  const name = toLower(keyword.text);
  const body = name === "onbuild" ? readTrigger(line, rest, escapeChar) : readBody(line, name, rest, escapeChar);
  return { keyword, name, flags, body };
}

/** Whether here-documents may follow. */
export function takesHeredocs(name: string, body: StatementBody): boolean {
  if (body.kind === "trigger") return body.takesHeredocs;
  return body.kind === "words" && !body.json && isHeredocCommand(name);
}

/** `MZFROMbase` is `MZFROM base`: the format asks for no blank between them. */
function splitMzfrom(line: LogicalLine, split: SplitCommand): SplitCommand {
  const { keyword, rest } = split;
  const glued = keyword.text.length > MZFROM.length && keyword.text.startsWith(MZFROM);
  if (!glued || rangeOf(line, keyword).start.column !== 1) return split;
  const nameStart = keyword.start + MZFROM.length;
  return {
    keyword: { text: MZFROM, start: keyword.start, end: nameStart },
    flags: [],
    rest: { text: line.text.slice(nameStart, rest.end), start: nameStart, end: rest.end },
  };
}

function readBody(line: LogicalLine, name: string, rest: Token, escapeChar: string): StatementBody {
  switch (name) {
    case "add":
    case "copy":
    case "volume":
      return readList(line, rest);
    case "cmd":
    case "entrypoint":
    case "run":
    case "shell":
      return readCommandLine(line, rest);
    case "healthcheck":
      return readHealthcheck(line, rest);
    case "env":
    case "label":
      return { kind: "pairs", pairs: readPairs(line, rest, name, escapeChar) };
    case "arg":
      return plainWords(splitQuoted(rest, escapeChar));
    case "expose":
    case "from":
    case "mzfrom":
      return plainWords(splitBlank(rest));
    default:
      return plainWords(wholeText(rest));
  }
}

/** A JSON array, or words between blanks. */
function readList(line: LogicalLine, rest: Token): StatementBody {
  return readArray(line, rest) ?? plainWords(splitBlank(rest));
}

/** A JSON array, or all the text as one. */
function readCommandLine(line: LogicalLine, rest: Token): StatementBody {
  return readArray(line, rest) ?? plainWords(wholeText(rest));
}

function readArray(line: LogicalLine, rest: Token): StatementBody | undefined {
  const array = readJsonArray(rest);
  switch (array.kind) {
    case "array":
      return { kind: "words", words: array.words, json: true };
    case "not-strings":
      throw syntaxError("when using JSON array syntax, arrays must be comprised of strings only", rangeOf(line, rest));
    case "not-json":
      return undefined;
  }
}

/** The type (NONE or CMD) goes first. */
function readHealthcheck(line: LogicalLine, rest: Token): StatementBody {
  const { type, command } = splitType(rest);
  if (type.text === "") return plainWords([]);
  const body = readCommandLine(line, command);
  return body.kind === "words" ? { kind: "words", words: [type, ...body.words], json: body.json } : body;
}

/** The original looks at bytes, of which 0x85 and 0xA0 are white space to it. */
function splitType(rest: Token): { readonly type: Token; readonly command: Token } {
  const ascii = isAscii(rest.text);
  const text = ascii ? rest.text : toBinary(rest.text);
  let end = 0;
  while (end < text.length && !isSpace(text.charCodeAt(end))) end++;
  const next = skipSpace(text, end);
  const part = (from: number, to: number) => (ascii ? text.slice(from, to) : fromBinary(text.slice(from, to)));
  const type = part(0, end);
  const command = part(next, text.length);
  return {
    type: { text: type, start: rest.start, end: rest.start + type.length },
    command: { text: command, start: rest.end - command.length, end: rest.end },
  };
}

function readPairs(line: LogicalLine, rest: Token, name: string, escapeChar: string): readonly PairToken[] {
  const words = splitQuoted(rest, escapeChar);
  const first = words[0];
  if (first === undefined) return [];
  if (!first.text.includes("=")) return [readLegacyPair(line, rest, name)];
  return words.map((word) => {
    const equals = word.text.indexOf("=");
    if (equals < 0) {
      const message = `Syntax error - can't find = in ${quote(word.text)}. Must be of the form: name=value`;
      throw syntaxError(message, rangeOf(line, word));
    }
    const { text, start, end } = word;
    return { text, start, end, key: text.slice(0, equals), value: text.slice(equals + 1), legacy: false };
  });
}

function readLegacyPair(line: LogicalLine, rest: Token, name: string): PairToken {
  const { text } = rest;
  let end = 0;
  while (end < text.length && !isBlank(text.charCodeAt(end))) end++;
  if (end === text.length) throw syntaxError(`${name.toUpperCase()} must have two arguments`, rangeOf(line, rest));
  let next = end;
  while (next < text.length && isBlank(text.charCodeAt(next))) next++;
  return { ...rest, key: text.slice(0, end), value: text.slice(next), legacy: true };
}

/** Follows ONBUILDs inside of ONBUILD to the end, for the errors they may have; only the first trigger counts. */
function readTrigger(line: LogicalLine, rest: Token, escapeChar: string): StatementBody {
  let first: SplitCommand | undefined;
  let inner = rest;
  while (inner.text !== "") {
    const trigger = splitCommand(line.text, inner.start, escapeChar);
    first ??= trigger;
    const name = toLower(trigger.keyword.text);
    inner = trigger.rest;
    if (name === "onbuild") continue;
    const body = readBody(line, name, inner, escapeChar);
    const direct = trigger === first && body.kind === "words" && !body.json && isHeredocCommand(name);
    return { kind: "trigger", keyword: first.keyword, takesHeredocs: direct };
  }
  return { kind: "trigger", keyword: first?.keyword, takesHeredocs: false };
}

function isHeredocCommand(name: string): boolean {
  return name === "add" || name === "copy" || name === "run";
}

function plainWords(words: readonly Token[]): StatementBody {
  return { kind: "words", words, json: false };
}

function wholeText(rest: Token): readonly Token[] {
  return rest.text === "" ? [] : [rest];
}
