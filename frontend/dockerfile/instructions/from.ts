/**
 * FROM and MZFROM: the start of a stage.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/parse.go (parseFrom). MZFROM is ours: the same
 * instruction, but its base is an image of the repository. What finds an image's dependencies looks for lines that start
 * with the upper-case word and takes what follows on that line, so here it must be written like that: otherwise an image
 * could be built upon another one that its fingerprint doesn't know of.
 */
import type { FromInstruction, InstructionBase, Word } from "../instruction.ts";
import type { Statement } from "../parser/statement.ts";
import { quote } from "../text/quote.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { equalFold, toLower } from "../text/unicode.ts";
import { toWord, wordsOf } from "./context.ts";
import { checkFlags } from "./flags.ts";

export function readFrom(statement: Statement, base: InstructionBase): FromInstruction {
  const [image, as, name] = wordsOf(statement).map((token) => toWord(statement, token));
  const count = wordsOf(statement).length;
  const named = count === 3 && as !== undefined && equalFold(as.text, "as");
  if (image === undefined || (!named && count !== 1)) {
    throw syntaxError(`${statement.name.toUpperCase()} requires either one or three arguments`);
  }
  if (named && name !== undefined && !/^[a-z][a-z0-9\-_.]*$/.test(toLower(name.text))) {
    const problem = "name can't start with a number or contain symbols";
    throw syntaxError(`invalid name for build stage: ${quote(name.text)}, ${problem}`, name.range);
  }
  if (statement.name === "mzfrom") checkMzfrom(base.keyword, image);
  const platform = checkFlags(base.flags, { platform: "text" }).text("platform");
  const baseKind = statement.name === "mzfrom" ? "mzimage" : "image";
  return { kind: "from", baseKind, base: image, as, name, platform, ...base };
}

function checkMzfrom(keyword: Word, image: Word): void {
  if (keyword.text !== "MZFROM" || keyword.range.start.column !== 1) {
    throw syntaxError("MZFROM must stand at the start of a line, in upper case", keyword.range);
  }
  const { line } = keyword.range.start;
  if (keyword.range.end.line !== line || image.range.end.line !== line) {
    throw syntaxError("MZFROM and the name of its image must stand on one line", image.range);
  }
}
