/**
 * A TOML file as nested tables, with the few safe ways to look into it that reading manifests takes, and a place for each
 * error. The parser gives no positions of values; they are found again in the text by what they say.
 */
import { parse, TomlError } from "smol-toml";
import { BuildError, type SourceRange } from "../../llb/index.ts";
import { rangesIn } from "../text-ranges.ts";

export type TomlTable = Readonly<Record<string, unknown>>;

export interface TomlDocument {
  readonly file: string;
  readonly table: TomlTable;
  /** The first place that has one of these texts, whole words only, the earlier text preferred; the file's start if none. */
  readonly find: (...texts: readonly string[]) => SourceRange;
}

/** Throws `BuildError` "bad-toml" with the place of the fault. */
export function parseToml(file: string, bytes: Uint8Array): TomlDocument {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  return { file, table: parseTable(file, text), find: (...texts) => findText(file, text, texts) };
}

/** The table under a key, or undefined where there is none or something else. */
export function tableOf(table: TomlTable | undefined, key: string): TomlTable | undefined {
  const value = table?.[key];
  return isTable(value) ? value : undefined;
}

/** Those items of a list that are tables. */
export function tablesOf(table: TomlTable | undefined, key: string): readonly TomlTable[] {
  const value = table?.[key];
  return Array.isArray(value) ? value.filter(isTable) : [];
}

/** Those items of a list that are strings. */
export function stringsOf(table: TomlTable | undefined, key: string): readonly string[] {
  const value = table?.[key];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

export function stringOf(table: TomlTable | undefined, key: string): string | undefined {
  const value = table?.[key];
  return typeof value === "string" ? value : undefined;
}

export function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function parseTable(file: string, text: string): TomlTable {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const what = /^Invalid TOML document: ([^\n]*)/.exec(cause.message)?.[1] ?? cause.message;
    const start = { line: cause.line, column: Math.max(1, cause.column) };
    throw new BuildError("bad-toml", `${file} is not valid TOML: ${what}`, {
      at: [{ file, start, end: { line: start.line, column: start.column + 1 } }],
      cause,
    });
  }
}

function findText(file: string, text: string, wanted: readonly string[]): SourceRange {
  const range = rangesIn(file, text);
  for (const each of wanted) {
    const escaped = each.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
    const match = new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`).exec(text);
    if (match !== null) return range(match.index, match.index + each.length);
  }
  return range(0, 0);
}
