/**
 * Parser directives: `# syntax=`, `# escape=` and `# check=` at the top of a file.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/parser/directives.go.
 */
import type { Directive } from "../ast.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { isSpace, skipSpace, toLower } from "../text/unicode.ts";
import { newCursor, nextLine } from "./physical-lines.ts";

/** What has been seen so far. After the first line that is no directive, none counts any more. */
export interface DirectiveReader {
  /** What starts a comment: "#", "//", or "" for the text of a comment. */
  readonly prefix: string;
  readonly seen: Set<string>;
  line: number;
  done: boolean;
}

export function newDirectiveReader(prefix: string, line = 0): DirectiveReader {
  return { prefix, seen: new Set(), line, done: false };
}

/** Reads one line without its line end. Throws `BuildError` for a directive that comes twice. */
export function readDirectiveLine(reader: DirectiveReader, line: string): Directive | undefined {
  reader.line++;
  if (reader.done) return undefined;
  const assignment = line.startsWith(reader.prefix) ? splitAssignment(line, reader.prefix.length) : undefined;
  const name = toLower(assignment?.name ?? "");
  if (assignment === undefined || (name !== "syntax" && name !== "escape" && name !== "check")) {
    reader.done = true;
    return undefined;
  }
  if (reader.seen.has(name)) throw syntaxError(`only one ${name} parser directive can be used`);
  reader.seen.add(name);
  return { name, value: assignment.value, line: reader.line };
}

/** A directive found in a text. `value` is the whole text after "=", `word` its part before the first space. */
export interface FoundDirective {
  readonly word: string;
  readonly value: string;
  readonly line: number;
}

/** A `# name=value` directive of a Dockerfile. A byte order mark and a shebang line don't hide it. */
export function findDirective(name: Directive["name"], text: string): FoundDirective | undefined {
  const { body, line } = withoutShebang(text);
  return findWithPrefix(name, body, newDirectiveReader("#", line));
}

/** The frontend a file asks for, in any of the forms: `# syntax=`, `// syntax=`, `{"syntax": …}`. */
export function detectSyntax(text: string): FoundDirective | undefined {
  const { body, line } = withoutShebang(text);
  return (
    findWithPrefix("syntax", body, newDirectiveReader("#", line)) ??
    findWithPrefix("syntax", body, newDirectiveReader("//", line)) ??
    findInJson("syntax", body, line)
  );
}

function withoutShebang(text: string): { readonly body: string; readonly line: number } {
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  if (!text.startsWith("#!", start)) return { body: text.slice(start), line: 0 };
  const newline = text.indexOf("\n", start);
  return { body: newline < 0 ? "" : text.slice(newline + 1), line: 1 };
}

function findWithPrefix(name: string, text: string, reader: DirectiveReader): FoundDirective | undefined {
  const cursor = newCursor(text);
  for (let line = nextLine(cursor); line !== undefined && !reader.done; line = nextLine(cursor)) {
    const end = line.endsWith("\r\n") ? -2 : line.endsWith("\n") ? -1 : line.endsWith("\r") ? -1 : line.length;
    let found: Directive | undefined;
    try {
      found = readDirectiveLine(reader, line.slice(0, end));
    } catch {
      // A directive that comes twice ends the search; the parser reports it.
      return undefined;
    }
    if (found?.name === name) return { word: beforeSpace(found.value), value: found.value, line: found.line };
  }
  return undefined;
}

function findInJson(name: string, text: string, line: number): FoundDirective | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.toWellFormed());
  } catch {
    // Not JSON, so not this form.
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed) || !Object.hasOwn(parsed, name)) {
    return undefined;
  }
  const value: unknown = Reflect.get(parsed, name);
  return typeof value === "string" ? { word: value.toWellFormed(), value: value.toWellFormed(), line } : undefined;
}

function beforeSpace(value: string): string {
  const space = value.indexOf(" ");
  return space < 0 ? value : value.slice(0, space);
}

/** `name = value`, white space around each ignored; of a value that is white space only, the last character counts. */
function splitAssignment(line: string, from: number): { readonly name: string; readonly value: string } | undefined {
  const start = skipSpace(line, from);
  let end = start;
  while (end < line.length && isNameUnit(line.charCodeAt(end), end > start)) end++;
  if (end === start) return undefined;
  const equals = skipRegexSpace(line, end);
  if (line[equals] !== "=" || equals + 1 === line.length) return undefined;
  let to = line.length;
  while (to > equals + 1 && isRegexSpace(line.charCodeAt(to - 1))) to--;
  const value = to === equals + 1 ? line.slice(-1) : line.slice(skipRegexSpace(line, equals + 1), to);
  return { name: line.slice(start, end), value };
}

function isNameUnit(unit: number, inside: boolean): boolean {
  const letter = unit | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (inside && unit >= 0x30 && unit <= 0x39);
}

/** `\s` of Go's regular expressions: ASCII white space without the vertical tab. */
function isRegexSpace(unit: number): boolean {
  return unit < 0x80 && unit !== 0x0b && isSpace(unit);
}

function skipRegexSpace(text: string, from: number): number {
  let index = from;
  while (index < text.length && isRegexSpace(text.charCodeAt(index))) index++;
  return index;
}
