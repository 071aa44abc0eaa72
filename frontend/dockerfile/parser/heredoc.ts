/**
 * Here-documents: `<<EOF`, `<<-EOF`, `<<"EOF"`, `3<<EOF`.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/parser/parser.go (heredocsFromLine, heredocFromMatch).
 */
import { BuildError } from "../../../llb/index.ts";
import { emptyEnv } from "../shell/env.ts";
import { processWords } from "../shell/lex.ts";
import { syntaxError } from "../text/syntax-error.ts";

/** What the word that starts a here-document says. */
export interface HeredocWord {
  /** The end word, without its quotes. */
  readonly name: string;
  /** False when a part of the end word is quoted. */
  readonly expand: boolean;
  readonly chomp: boolean;
  readonly fileDescriptor: number;
}

/** Whatever the file's own escape character is, a backslash escapes here. */
const LEX = { escape: "\\", skipUnsetEnv: true } as const;

/** Undefined for a word that starts no here-document. Throws `BuildError` for one whose end word can't be read. */
export function parseHeredoc(word: string): HeredocWord | undefined {
  const match = /^(\d*)<<(-?)/.exec(word);
  if (match === null) return undefined;
  let start = match[0].length;
  while (start < word.length && "\t\n\f\r ".includes(word.charAt(start))) start++;
  const rest = word.slice(start);
  if (rest === "" || rest.includes("<")) return undefined;
  const [name, ...others] = processWords(rest, emptyEnv, LEX);
  if (name === undefined || others.length > 0) return undefined;
  const [raw, ...rawOthers] = processWords(rest, emptyEnv, { ...LEX, rawQuotes: true });
  if (raw === undefined || rawOthers.length > 0) {
    throw syntaxError(`internal lexing of heredoc produced inconsistent results: ${rest}`);
  }
  return {
    name,
    expand: countQuotes(name) === countQuotes(raw),
    chomp: match[2] === "-",
    fileDescriptor: Number(match[1] ?? ""),
  };
}

/** As {@link parseHeredoc}; a word that can't be read is none. */
export function tryParseHeredoc(word: string): HeredocWord | undefined {
  if (!word.includes("<<")) return undefined;
  try {
    return parseHeredoc(word);
  } catch (error) {
    if (error instanceof BuildError) return undefined;
    throw error;
  }
}

/** All here-documents that a line starts. Throws as {@link parseHeredoc}; a line that is no shell text has none. */
export function heredocsOfLine(line: string): readonly HeredocWord[] {
  const found: HeredocWord[] = [];
  for (const word of splitLine(line)) {
    const heredoc = parseHeredoc(word);
    if (heredoc !== undefined) found.push(heredoc);
  }
  return found;
}

/** Removes the tabs at the start of each line. */
export function chompContent(content: string): string {
  return content.replace(/(^|\n)\t+/g, "$1");
}

function splitLine(line: string): readonly string[] {
  try {
    return processWords(line, emptyEnv, { ...LEX, rawQuotes: true, rawEscapes: true });
  } catch (error) {
    if (error instanceof BuildError) return [];
    throw error;
  }
}

function countQuotes(text: string): number {
  let count = 0;
  for (const char of text) if (char === "'" || char === '"') count++;
  return count;
}
