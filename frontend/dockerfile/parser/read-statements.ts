/**
 * A text as statements: lines joined, comments gathered, here-documents attached.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/parser/parser.go (Parse). The original stops at its first error; we
 * go on behind it, so that a check can show all of them.
 */
import { BuildError, type SourceRange } from "../../../llb/index.ts";
import type { DockerfileError } from "../ast.ts";
import type { Heredoc, LineSpan } from "../instruction.ts";
import { decodeText, encodeText, fromBinary, toBinary } from "../text/bytes.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { skipSpace, skipSpaceBack, trimSpace } from "../text/unicode.ts";
import { type DirectiveReader, newDirectiveReader, readDirectiveLine } from "./directives.ts";
import { type HeredocWord, heredocsOfLine } from "./heredoc.ts";
import { type LinePiece, type LogicalLine, rangeOf } from "./logical-line.ts";
import { type LineCursor, MAX_LINE_BYTES, newCursor, nextLine, trimNewline } from "./physical-lines.ts";
import { readStatementHead, type Statement, takesHeredocs } from "./statement.ts";

export interface ReadResult {
  readonly statements: readonly Statement[];
  readonly escape: "\\" | "`";
  /** In the order they were met; the first is the original's. */
  readonly errors: readonly DockerfileError[];
  /** Last lines of statements that have an empty line after a continuation character. */
  readonly emptyContinuations: readonly number[];
}

interface Reader {
  readonly file: string;
  readonly cursor: LineCursor;
  readonly directives: DirectiveReader;
  readonly statements: Statement[];
  readonly errors: DockerfileError[];
  readonly emptyContinuations: number[];
  escape: "\\" | "`";
  comments: string[];
}

// Shared by all statements that have none, of which there may be very many.
const NO_COMMENTS: readonly string[] = [];
const NO_HEREDOCS: readonly Heredoc[] = [];

export function readStatements(text: string, file: string): ReadResult {
  const reader: Reader = {
    file,
    cursor: newCursor(text),
    directives: newDirectiveReader("#"),
    statements: [],
    errors: [],
    emptyContinuations: [],
    escape: "\\",
    comments: [],
  };
  for (let raw = nextLine(reader.cursor); raw !== undefined; raw = nextLine(reader.cursor)) readLine(reader, raw);
  addFinalErrors(reader);
  const { statements, errors, emptyContinuations } = reader;
  return { statements, escape: reader.escape, errors, emptyContinuations };
}

/** Number of the line read last. */
function currentLine(reader: Reader): number {
  return reader.cursor.line - 1;
}

/** Reads a line that is not within a statement, and the statement that it starts. */
function readLine(reader: Reader, raw: string): void {
  const bom = currentLine(reader) === 1 && raw.startsWith("\uFEFF") ? 1 : 0;
  const line = trimNewline(raw);
  const start = skipSpace(line, bom);
  if (line[start] === "#") {
    readComment(reader, raw.slice(bom), line.slice(start));
    return;
  }
  reader.directives.done = true;
  if (start === line.length) return;
  readStatement(reader, line.slice(start), start + 1);
}

function readComment(reader: Reader, raw: string, line: string): void {
  try {
    const directive = readDirectiveLine(reader.directives, line);
    if (directive?.name === "escape") setEscape(reader, directive.value);
    if (directive !== undefined) return;
  } catch (error) {
    // The original counts the line only after this, so its errors are on the line before.
    const before = currentLine(reader) - 1;
    addError(reader, error, { first: before, last: before }, lineRange(reader, line));
    return;
  }
  const comment = trimSpace(dropByte(raw));
  if (comment === "") reader.comments = [];
  else reader.comments.push(comment);
}

/** The original takes one byte for the "#", even when it is white space before it. */
function dropByte(raw: string): string {
  return raw.charCodeAt(0) < 0x80 ? raw.slice(1) : fromBinary(toBinary(raw).slice(1));
}

function setEscape(reader: Reader, value: string): void {
  if (value !== "`" && value !== "\\") {
    throw syntaxError(`invalid escape token '${value}' does not match \` or \\`);
  }
  reader.escape = value;
}

function readStatement(reader: Reader, start: string, column: number): void {
  const first = currentLine(reader);
  const line = readContinuations(reader, start, column);
  const comments = takeComments(reader);
  try {
    const { keyword, name, flags, body } = readStatementHead(line, reader.escape);
    const documented = takesHeredocs(name, body) && line.text.includes("<<");
    const heredocs = documented ? readHeredocs(reader, line.text) : NO_HEREDOCS;
    // A part of a line is no statement, though the original looks whether it could be one.
    if (reader.cursor.cut) return;
    const lines = { first, last: currentLine(reader) };
    reader.statements.push({ keyword, name, flags, body, line, lines, comments, heredocs });
  } catch (error) {
    addError(reader, error, { first, last: currentLine(reader) }, textRange(line));
  }
}

function takeComments(reader: Reader): readonly string[] {
  if (reader.comments.length === 0) return NO_COMMENTS;
  const { comments } = reader;
  reader.comments = [];
  return comments;
}

/** Joins the lines of a statement; comments and empty lines between them go. */
function readContinuations(reader: Reader, start: string, column: number): LogicalLine {
  const pieces: LinePiece[] = [{ at: 0, line: currentLine(reader), column }];
  let { text, continues } = trimContinuation(start, reader.escape);
  let emptyContinuation = false;
  while (continues) {
    const raw = nextLine(reader.cursor);
    if (raw === undefined) break;
    const next = trimNewline(raw);
    const first = skipSpace(next);
    if (next[first] === "#") continue;
    if (first === next.length) {
      emptyContinuation = true;
      continue;
    }
    const trimmed = trimContinuation(next, reader.escape);
    const joined = joinText(text, trimmed.text);
    pieces.push({ at: joined.length - trimmed.text.length, line: currentLine(reader), column: 1 });
    text = joined;
    continues = trimmed.continues;
  }
  if (emptyContinuation) reader.emptyContinuations.push(currentLine(reader));
  return { file: reader.file, text, pieces };
}

/** Joins texts as bytes: a character that a continuation cut in two is whole again. */
function joinText(left: string, right: string): string {
  const head = /^[\uDC80-\uDCFF]{1,3}/.exec(right)?.[0];
  if (head === undefined) return left + right;
  const tail = /[\uDC80-\uDCFF]*$/.exec(left.slice(-3))?.[0] ?? "";
  const joint = decodeText(encodeText(tail + head));
  return left.slice(0, left.length - tail.length) + joint + right.slice(head.length);
}

/** A line continues when it ends in an escape, blanks after it ignored, that has no escape before it. */
function trimContinuation(line: string, escapeChar: string): { readonly text: string; readonly continues: boolean } {
  let end = line.length;
  while (end > 0 && (line[end - 1] === " " || line[end - 1] === "\t")) end--;
  if (line[end - 1] !== escapeChar || line[end - 2] === escapeChar) return { text: line, continues: false };
  return { text: line.slice(0, end - 1), continues: true };
}

/** Throws `BuildError` for a here-document without an end. */
function readHeredocs(reader: Reader, line: string): readonly Heredoc[] {
  return heredocsOfLine(line).map((word) => {
    const heredoc = readHeredoc(reader, word);
    if (heredoc === undefined) throw syntaxError("unterminated heredoc");
    return heredoc;
  });
}

/** Reads up to the line that ends the here-document, or gives undefined when there is none. */
function readHeredoc(reader: Reader, word: HeredocWord): Heredoc | undefined {
  const { cursor } = reader;
  const from = cursor.offset;
  const line = cursor.line;
  for (let to = from, raw = nextLine(cursor); raw !== undefined; to = cursor.offset, raw = nextLine(cursor)) {
    const text = trimNewline(raw);
    if ((word.chomp ? text.replace(/^\t+/, "") : text) !== word.name) continue;
    const range = {
      file: reader.file,
      start: { line, column: 1 },
      end: { line: currentLine(reader), column: text.length + 1 },
    };
    return { ...word, content: cursor.text.slice(from, to), range };
  }
  return undefined;
}

function addFinalErrors(reader: Reader): void {
  const last = currentLine(reader);
  const lines = { first: last, last };
  const range = lineRange(reader, "");
  if (reader.statements.length === 0 && reader.errors.length === 0) {
    addError(reader, syntaxError("file with no instructions"), lines, range);
  } else if (reader.cursor.tooLong) {
    const message = `dockerfile line greater than max allowed size of ${MAX_LINE_BYTES}`;
    addError(reader, syntaxError(message), lines, range);
  }
}

function addError(reader: Reader, error: unknown, lines: LineSpan, range: SourceRange): void {
  if (!(error instanceof BuildError)) throw error;
  reader.errors.push({ message: error.message, lines, range: error.at[0] ?? range });
}

function lineRange(reader: Reader, text: string): SourceRange {
  const line = Math.max(1, currentLine(reader));
  return { file: reader.file, start: { line, column: 1 }, end: { line, column: text.length + 1 } };
}

/** Where the text of a logical line stands, without white space around it. */
export function textRange(line: LogicalLine): SourceRange {
  const start = skipSpace(line.text);
  return rangeOf(line, { start, end: skipSpaceBack(line.text, start) });
}
