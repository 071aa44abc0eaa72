/**
 * One line of comma-separated values, as options of builds and mounts are written: `a,"b,""c"""` is `a` and `b,"c"`.
 * Contract: tonistiigi/go-csvvalue (`Fields`); messages as there.
 */

import { encodeText } from "./bytes.ts";
import { syntaxError } from "./syntax-error.ts";

/** Throws `BuildError` for a quote out of place, and "EOF" for an empty text. */
export function csvFields(text: string): string[] {
  const line = text.replace(/\r?\n$/, "");
  if (line === "") throw syntaxError("EOF");
  const fields: string[] = [];
  let position = 0;
  for (;;) {
    const field = line[position] === '"' ? quotedField(line, position) : bareField(line, position);
    fields.push(field.value);
    if (field.end >= line.length) return fields;
    position = field.end + 1;
  }
}

interface Field {
  readonly value: string;
  /** Where the comma is, or the end of the line. */
  readonly end: number;
}

function bareField(line: string, start: number): Field {
  const comma = line.indexOf(",", start);
  const end = comma < 0 ? line.length : comma;
  const value = line.slice(start, end);
  const quote = value.indexOf('"');
  if (quote >= 0) throw misplaced(line, start + quote, 'bare " in non-quoted-field');
  return { value, end };
}

function quotedField(line: string, start: number): Field {
  let value = "";
  for (let from = start + 1; ; ) {
    const quote = line.indexOf('"', from);
    if (quote < 0) throw misplaced(line, from, 'extraneous or missing " in quoted-field');
    value += line.slice(from, quote);
    const next = line[quote + 1];
    if (next === undefined || next === ",") return { value, end: quote + 1 };
    if (next !== '"') throw misplaced(line, quote, 'extraneous or missing " in quoted-field');
    value += '"';
    from = quote + 2;
  }
}

function misplaced(line: string, index: number, reason: string): Error {
  return syntaxError(`parse error on line 1, column ${encodeText(line.slice(0, index)).length + 1}: ${reason}`);
}
