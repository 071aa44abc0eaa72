/**
 * What the readers of the single instructions share: the statement's common parts, and the errors that many of them have.
 */
import type { Flag, InstructionBase, Word } from "../instruction.ts";
import { rangeOf, type Token } from "../parser/logical-line.ts";
import { textRange } from "../parser/read-statements.ts";
import type { PairToken, Statement } from "../parser/statement.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { trimSpace } from "../text/unicode.ts";

const NO_FLAGS: readonly Flag[] = [];

/** What all instructions have, from a statement. */
export function baseOf(statement: Statement): InstructionBase {
  const { keyword, line, lines, comments, flags, heredocs } = statement;
  const text = textRange(line);
  return {
    keyword: toWord(statement, keyword),
    original: trimSpace(line.text),
    range:
      heredocs.length === 0
        ? text
        : { file: text.file, start: text.start, end: heredocs.at(-1)?.range.end ?? text.end },
    lines,
    comments,
    flags: flags.length === 0 ? NO_FLAGS : flags.map((flag) => toFlag(statement, flag)),
  };
}

export function toWord(statement: Statement, token: Token): Word {
  return { text: token.text, range: rangeOf(statement.line, token) };
}

/** The words of an instruction that has no pairs. */
export function wordsOf(statement: Statement): readonly Token[] {
  return statement.body.kind === "words" ? statement.body.words : [];
}

export function pairsOf(statement: Statement): readonly PairToken[] {
  return statement.body.kind === "pairs" ? statement.body.pairs : [];
}

export function isJson(statement: Statement): boolean {
  return statement.body.kind === "words" && statement.body.json;
}

export function needsOneArgument(name: string): Error {
  return syntaxError(`${name} requires at least one argument`);
}

/** The only word. Throws `BuildError` when there is another number of them. */
export function onlyWord(statement: Statement, name: string): string {
  const [word, ...others] = wordsOf(statement);
  if (word === undefined || others.length > 0) throw syntaxError(`${name} requires exactly one argument`);
  return word.text;
}

/** The comment that starts with a name, without it: `# NAME text`. */
export function descriptionOf(comments: readonly string[], name: string): string {
  if (name === "") return "";
  const start = `${name} `;
  return comments.find((comment) => comment.startsWith(start))?.slice(start.length) ?? "";
}

function toFlag(statement: Statement, token: Token): Flag {
  const equals = token.text.indexOf("=");
  return {
    name: token.text.slice(2, equals < 0 ? undefined : equals),
    value: equals < 0 ? undefined : token.text.slice(equals + 1),
    range: rangeOf(statement.line, token),
  };
}
