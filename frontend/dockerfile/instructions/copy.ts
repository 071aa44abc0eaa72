/**
 * COPY and ADD.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/parse.go (parseCopy, parseAdd, parseSourcesAndDest).
 */
import type { AddInstruction, CopyInstruction, InstructionBase, SourceContent, Word } from "../instruction.ts";
import { chompContent, tryParseHeredoc } from "../parser/heredoc.ts";
import type { Statement } from "../parser/statement.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { toWord, wordsOf } from "./context.ts";
import { checkFlags, type FlagKinds, type FlagValues } from "./flags.ts";

const COMMON_FLAGS = { chown: "text", chmod: "text", link: "bool", exclude: "texts" } as const satisfies FlagKinds;
const COPY_FLAGS = { ...COMMON_FLAGS, from: "text", parents: "bool" } as const satisfies FlagKinds;
const ADD_FLAGS = {
  ...COMMON_FLAGS,
  "keep-git-dir": "bool",
  checksum: "text",
  unpack: "bool",
} as const satisfies FlagKinds;

export function readCopy(statement: Statement, base: InstructionBase): CopyInstruction {
  checkCount(statement, "COPY");
  const flags = checkFlags(base.flags, COPY_FLAGS);
  return {
    kind: "copy",
    ...readPaths(statement, "COPY"),
    ...readCommon(flags),
    from: flags.text("from"),
    parents: flags.bool("parents") ?? false,
    ...base,
  };
}

export function readAdd(statement: Statement, base: InstructionBase): AddInstruction {
  checkCount(statement, "ADD");
  const flags = checkFlags(base.flags, ADD_FLAGS);
  return {
    kind: "add",
    ...readPaths(statement, "ADD"),
    ...readCommon(flags),
    keepGitDir: flags.bool("keep-git-dir"),
    checksum: flags.text("checksum"),
    unpack: flags.bool("unpack"),
    ...base,
  };
}

function checkCount(statement: Statement, name: string): void {
  if (wordsOf(statement).length >= 2) return;
  const problem = `${name} requires at least two arguments, but only one was provided`;
  throw syntaxError(`${problem}. Destination could not be determined`);
}

function readCommon(flags: FlagValues) {
  return {
    chown: flags.text("chown"),
    chmod: flags.text("chmod"),
    link: flags.bool("link") ?? false,
    exclude: flags.all("exclude").map(({ text }) => text),
  };
}

function readPaths(statement: Statement, name: string) {
  const words = wordsOf(statement).map((token) => toWord(statement, token));
  const dest = words.at(-1);
  if (dest === undefined || tryParseHeredoc(dest.text) !== undefined) {
    throw syntaxError(`${name} cannot accept a heredoc as a destination`, dest?.range);
  }
  const { heredocs } = statement;
  const contentOf = new Map(heredocs.map((heredoc) => [heredoc.name, heredoc.content]));
  const sources: Word[] = [];
  const contents: SourceContent[] = [];
  for (const word of words.slice(0, -1)) {
    const heredoc = tryParseHeredoc(word.text);
    if (heredoc === undefined) {
      sources.push(word);
      continue;
    }
    const content = contentOf.get(heredoc.name) ?? "";
    const data = heredoc.chomp ? chompContent(content) : content;
    contents.push({ path: heredoc.name, data, expand: heredoc.expand, range: word.range });
  }
  return { sources, contents, dest, heredocs };
}
