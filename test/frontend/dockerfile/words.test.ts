import { describe, expect, test } from "vitest";
import { type LexOptions, processWord, processWords } from "../../../frontend/dockerfile/shell/lex.ts";
import { BuildError } from "../../../llb/index.ts";
import { readTable, type TableRow } from "./reference-table.ts";
import { plain } from "./tree-of.ts";

const rows = readTable("words.txt");

function optionsOf(row: TableRow): LexOptions {
  const names = row.settings.get("options") ?? [];
  const has = (name: string) => names.includes(name);
  return {
    escape: has("backtick") ? "`" : "\\",
    rawQuotes: has("rawQuotes"),
    rawEscapes: has("rawEscapes"),
    skipProcessQuotes: has("skipProcessQuotes"),
    skipUnsetEnv: has("skipUnsetEnv"),
  };
}

function envOf(row: TableRow): ReadonlyMap<string, string> {
  const pairs = (row.settings.get("env") ?? []).map((entry): [string, string] => {
    const equals = entry.indexOf("=");
    return [entry.slice(0, equals), entry.slice(equals + 1)];
  });
  return new Map(pairs);
}

function messageOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof BuildError ? error.message : `not a BuildError: ${error}`;
  }
}

describe("shell words", () => {
  test.each(rows)("$input is expanded as the reference does", (row) => {
    const run = () => processWord(row.input, envOf(row), optionsOf(row));
    if (row.answer["error"] !== undefined) {
      expect(messageOf(run)).toBe(row.answer["error"]);
      return;
    }
    const { text, matched, unmatched } = run();
    const { matched: wantedMatched, unmatched: wantedUnmatched } = row.answer;
    expect({ text: plain(text), matched: [...matched].sort(), unmatched: [...unmatched].sort() }).toEqual({
      text: row.answer["text"],
      matched: wantedMatched,
      unmatched: wantedUnmatched,
    });
  });

  test.each(rows)("$input falls into the reference's words", (row) => {
    const run = () => processWords(row.input, envOf(row), optionsOf(row));
    if (row.answer["wordsError"] !== undefined) expect(messageOf(run)).toBe(row.answer["wordsError"]);
    else expect(run().map(plain)).toEqual(row.answer["words"]);
  });

  test("substitutions can be nested, but not without end", () => {
    const nested = (depth: number) => `${"${A:-".repeat(depth)}x${"}".repeat(depth)}`;
    const options: LexOptions = { escape: "\\" };
    expect(processWord(nested(400), new Map(), options).text).toBe("x");
    expect(messageOf(() => processWord(nested(100_000), new Map(), options))).toMatch(/nested too deeply$/);
  });

  test("a long pattern against a long value takes no more than a moment", () => {
    const env = new Map([["V", "a".repeat(60_000)]]);
    const pattern = "a*".repeat(6);
    expect(processWord(`\${V//${pattern}b/x}`, env, { escape: "\\" }).text).toHaveLength(60_000);
  });
});
