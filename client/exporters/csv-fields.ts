/**
 * One line of comma-separated values, as docker's options are written: a field that holds a comma stands in double quotes,
 * a double quote within quotes is doubled.
 * Contract: RFC 4180 as Go's encoding/csv reads it; tonistiigi/go-csvvalue v0.0.0-20240814133006: csvvalue.go.
 */
import { ClientError } from "../client-error.ts";

/** Never empty. Throws `ClientError` "bad-option" for an empty line or quotes out of place. */
export function csvFields(line: string): readonly string[] {
  if (line === "") throw new ClientError("bad-option", "an option is empty");
  const fields: string[] = [];
  for (let at = 0; at <= line.length; ) {
    const { value, end } = line[at] === '"' ? quotedField(line, at + 1) : plainField(line, at);
    fields.push(value);
    at = end + 1;
  }
  return fields;
}

function plainField(line: string, start: number): { readonly value: string; readonly end: number } {
  const comma = line.indexOf(",", start);
  const end = comma === -1 ? line.length : comma;
  const value = line.slice(start, end);
  if (value.includes('"')) throw quoteError(line);
  return { value, end };
}

function quotedField(line: string, start: number): { readonly value: string; readonly end: number } {
  let value = "";
  for (let at = start; ; ) {
    const quote = line.indexOf('"', at);
    if (quote === -1) throw quoteError(line);
    value += line.slice(at, quote);
    const next = line[quote + 1];
    if (next === undefined || next === ",") return { value, end: quote + 1 };
    if (next !== '"') throw quoteError(line);
    value += '"';
    at = quote + 2;
  }
}

function quoteError(line: string): ClientError {
  return new ClientError("bad-option", `the quotes of ${line} don't match`, {
    hint: 'put double quotes around a whole key=value pair, and double those within: "dest=a,b"',
  });
}
