import { describe, expect, test } from "vitest";
import { compareNames, comparePaths, sortNames } from "../../../client/filesync/compare-paths.ts";
import { decodePath } from "../../../client/filesync/path-bytes.ts";

describe("the order of paths on the wire", () => {
  // Each line is in the order of a walk, which fsutil's ComparePath has to agree with.
  test.each([
    ["a", "a/b", "a/b/c", "a/c", "a-b", "a.txt", "aa", "b"],
    ["foo", "foo/bar", "foo/bar/x", "foo/bar.txt", "foo bar", "foo!", "foo-"],
    ["Z", "_", "a", "z", "\u00e9", "\u4e2d", "\uffee", "\u{1f600}"],
  ])("sorts %s first of its line", (...paths) => {
    const shuffled = [...paths].sort((a, b) => (a.length + a.charCodeAt(0) > b.length + b.charCodeAt(0) ? -1 : 1));
    expect(shuffled.sort(comparePaths)).toEqual(paths);
  });

  test("compares bytes, not UTF-16 units", () => {
    // U+FFEE is EF BF AE, U+1F600 is F0 9F 98 80; in UTF-16 the second starts with D83D and would come first.
    expect(compareNames("\uffee", "\u{1f600}")).toBeLessThan(0);
    expect(sortNames(["\u{1f600}", "\uffee", "a"])).toEqual(["a", "\uffee", "\u{1f600}"]);
  });

  test("places bytes that are not UTF-8 by their value", () => {
    const raw = decodePath(Buffer.of(0xc0));
    expect(sortNames([raw, "\u00e9", "b"])).toEqual(["b", raw, "\u00e9"]);
  });
});
