/**
 * The package's document of a text in which lines within brackets and quotes may be indented less than what they are part of, as PyYAML
 * allows and the package does not. Source: yaml/pyyaml 6.0.1: lib/yaml/scanner.py (`unwind_indent`, `scan_flow_scalar`).
 */
import { type Document, parseDocument, type YAMLParseError } from "yaml";

export interface LenientDocument {
  readonly document: Document;
  /** From an offset in what was parsed to that in the text. */
  readonly originalOffset: (offset: number) => number;
}

/** With the faults of the text as it is, if there are any that indentation does not mend. */
export function lenientDocument(text: string): LenientDocument {
  const first = parse(text);
  if (first.errors.length === 0) return { document: first, originalOffset: (offset) => offset };
  const indentation = " ".repeat(1 + Math.max(...text.split("\n").map((line) => line.search(/[^ ]|$/))));
  let indented = text;
  const insertions: number[] = [];
  for (let document = first; ; document = parse(indented)) {
    const fault = document.errors[0];
    if (fault === undefined) {
      return { document, originalOffset: (offset) => withoutInsertions(offset, insertions, indentation.length) };
    }
    const line = lineToIndent(indented, fault);
    // Lines later in the text, one after the other: else indentation doesn't help.
    if (line === undefined || line <= (insertions.at(-1) ?? -1))
      return { document: first, originalOffset: (offset) => offset };
    insertions.push(line);
    indented = indented.slice(0, line) + indentation + indented.slice(line);
  }
}

function parse(text: string): Document {
  return parseDocument(text, { schema: "failsafe", version: "1.1", uniqueKeys: false, prettyErrors: false });
}

/** Where the line begins that the package didn't take for a continuation. */
function lineToIndent(text: string, { message, pos: [at] }: YAMLParseError): number | undefined {
  const isQuoted = /^Missing closing /.test(message);
  if (!isQuoted && !/must be sufficiently indented and end with/.test(message)) return undefined;
  const start = isQuoted ? text.indexOf("\n", at) + 1 : text.lastIndexOf("\n", at - 1) + 1;
  // The first line continues nothing, and the end of the document ends whatever is open.
  return start === 0 || start >= text.length || /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(start)) ? undefined : start;
}

/** Insertions are later in the text one after the other. */
function withoutInsertions(offset: number, insertions: readonly number[], length: number): number {
  const before = insertions.filter((start) => start < offset);
  const last = before.at(-1);
  // In an insertion itself: where it is.
  return last === undefined ? offset : Math.max(offset - length, last) - (before.length - 1) * length;
}
