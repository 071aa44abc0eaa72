import { describe, expect, test } from "vitest";
import { shellWords } from "../../../cli/compose/shell-words.ts";

describe("a line as words", () => {
  test.each([
    ["up -d  web", ["up", "-d", "web"]],
    ["exec web sh -c 'echo \"$1\"'", ["exec", "web", "sh", "-c", 'echo "$1"']],
    ['a "b c" d\\ e \'\' ""', ["a", "b c", "d e", "", ""]],
    ['"\\n\\"\\$1"', ['\\n"$1']],
    ["--name=$1 $2 ${2} $3", ["--name=one", "two words", "two words"]],
    ["$@ x", ["one", "two words", "x"]],
    ['<"$@">', ["<one", "two words>"]],
    ["${3:-third} ${1:-x} ${3:-}", ["third", "one", ""]],
    ["$HOME $", ["$HOME", "$"]],
    ["", []],
  ])("%s", (line, words) => {
    expect(shellWords(line, ["one", "two words"])).toEqual(words);
  });

  test("has no arguments where there are none", () => {
    expect(shellWords('a "$@" $1 "$1" b', [])).toEqual(["a", "", "b"]);
  });

  test("is none with a quote that has no end", () => {
    expect(shellWords("echo 'a", [])).toBeUndefined();
  });
});
