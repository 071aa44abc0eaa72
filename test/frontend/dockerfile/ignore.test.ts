import { describe, expect, test } from "vitest";
import { newPatternMatcher, type ParentMatches, readIgnoreFile } from "../../../frontend/dockerfile/ignore/index.ts";
import { readTable } from "./reference-table.ts";

describe("ignore patterns", () => {
  test.each(readTable("ignore.txt"))("$input is matched as the reference does", ({ settings, input, answer }) => {
    const patterns = settings.get("patterns") ?? [];
    if (answer["newError"] !== undefined) {
      expect(() => newPatternMatcher(patterns)).toThrow(String(answer["newError"]));
      return;
    }
    const matcher = newPatternMatcher(patterns);
    expect(matcher.patterns).toEqual(answer["patterns"]);
    expect(matcher.hasExceptions).toBe(answer["exceptions"]);
    if (answer["error"] !== undefined) {
      expect(() => matcher.matches(input)).toThrow(String(answer["error"]));
      return;
    }
    expect(matcher.matches(input)).toBe(answer["match"]);
    let parent: ParentMatches | undefined;
    const walk = input.split("/").map((_, index, parts) => {
      const result = matcher.matchesIn(parts.slice(0, index + 1).join("/"), parent);
      parent = result.matches;
      return result.matched;
    });
    expect(walk).toEqual(answer["walk"]);
  });

  test("stars don't make matching slow", () => {
    expect(newPatternMatcher(["*a*a*a*a*a*a*a*a*b"]).matches("a".repeat(20_000))).toBe(false);
  });

  test("an ignore file is cleaned line by line", () => {
    const text = "\uFEFF# comment\n\n  /a/./b/ \r\n!  ./c\n#d\n !e\n !/f\n/\n!\n";
    expect(readIgnoreFile(text)).toEqual(["a/b", "!c", "!e", "!f", "/", "!"]);
  });

  test("a line that is too long is an error", () => {
    expect(readIgnoreFile("a".repeat(65_535))).toHaveLength(1);
    expect(() => readIgnoreFile("a".repeat(65_536))).toThrow("bufio.Scanner: token too long");
  });
});
