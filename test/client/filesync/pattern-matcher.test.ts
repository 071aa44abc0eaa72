import { describe, expect, test } from "vitest";
import { compileGlob } from "../../../client/filesync/glob.ts";
import { matchPath, parsePatterns } from "../../../client/filesync/pattern-matcher.ts";

/** patterns | path | whether it is matched; from the documented rules of .dockerignore and moby/patternmatcher's tests. */
const MATCHES = `
**                   | file            | yes
**                   | dir/file        | yes
**/                  | file            | yes
**/**                | dir/file        | yes
dir/**               | dir/file        | yes
dir/**               | dir/dir2/file   | yes
dir/**               | dir             | no
**/dir2/*            | dir/dir2/file   | yes
**/dir2/**           | dir/dir2/dir2/f | yes
**file               | dir/file        | yes
**/file              | dir/dir/file    | yes
**/file*             | dir/file.txt    | yes
**/file*txt          | dir/dir/file.txt| yes
**/*.txt             | dir/file.txt    | yes
a**/*.txt            | a/file.txt      | yes
a**/*.txt            | a/dir/dir/f.txt | yes
a[b-d]e              | ae              | no
a[b-d]e              | ace             | yes
a[^b-d]e             | aze             | yes
.*                   | .foo            | yes
.*                   | foo             | no
abc.def              | abcdef          | no
abc?def              | abcZdef         | yes
a\\*b                | a*b             | yes
**/foo/bar           | foo/bar         | yes
**/foo/bar           | dir/dir2/foo/bar| yes
abc/**               | abc/def/ghi     | yes
**/.foo              | bar.foo         | no
a(b)c/def            | a(b)c/def       | yes
a.|)$(}+{bc          | a.|)$(}+{bc     | yes
dir                  | dir/below/file  | yes
dir/                 | dir/file        | yes
./dir                | dir/file        | yes
/dir                 | dir             | no
dir !dir/keep        | dir/keep        | no
dir !dir/keep        | dir/keep/below  | no
dir !dir/keep        | dir/other       | yes
* !*.md README.md    | README.md       | yes
* !*.md README.md    | other.md        | no
docs !docs/a docs/a/b| docs/a/b/c      | yes
é?                   | é\u{1f600}      | yes
`;

describe("patterns", () => {
  test.each(rows(MATCHES))("%s and %s: %s", (patterns, path, answer) => {
    const parsed = parsePatterns(patterns.split(" "));
    expect(matchPath(parsed, path, undefined).matched).toBe(answer === "yes");
  });

  test("a directory's result carries over to its children", () => {
    const patterns = parsePatterns(["dir", "!dir/keep"]);
    const parent = matchPath(patterns, "dir", undefined);
    expect(parent.matched).toBe(true);
    expect(matchPath(patterns, "dir/keep", parent.matches).matched).toBe(false);
    expect(matchPath(patterns, "dir/x", parent.matches).matched).toBe(true);
  });

  test.each(["[", "a[b", "a\\", "[]a]", "[-x]", "[x-]", "!", "[a-", "\\"])("%s is refused", (pattern) => {
    expect(() => parsePatterns([pattern])).toThrow(expect.objectContaining({ code: "bad-pattern" }));
  });

  test("blank patterns are no patterns", () => {
    expect(parsePatterns(["", "  ", "\t"])).toEqual([]);
  });
});

/** pattern | name | match; the table of Go's path/filepath tests, without what only Windows knows. */
const GLOBS = `
abc        | abc       | yes
*          | abc       | yes
*c         | abc       | yes
a*         | a         | yes
a*         | ab/c      | no
a*/b       | abc/b     | yes
a*/b       | a/c/b     | no
a*b*c*d*e* | axbxcxdxe | yes
a*b?c*x    | abxbbxdbxebxczzx | yes
a*b?c*x    | abxbbxdbxebxczzy | no
ab[c]      | abc       | yes
ab[b-d]    | abc       | yes
ab[e-g]    | abc       | no
ab[^e-g]   | abc       | yes
a\\*b      | a*b       | yes
a\\*b      | ab        | no
a?b        | a☺b       | yes
a[^a]b     | a☺b       | yes
a???b      | a☺b       | no
[a-ζ]*     | α         | yes
*[a-ζ]     | A         | no
a?b        | a/b       | no
[\\]a]     | ]         | yes
[\\-]      | -         | yes
[\\-x]     | z         | no
[x\\-]     | -         | yes
*x         | xxx       | yes
`;

describe("shell patterns", () => {
  test.each(rows(GLOBS))("%s and %s: %s", (pattern, name, answer) => {
    expect(compileGlob(pattern)?.test(name)).toBe(answer === "yes");
  });

  test("a range that runs backwards matches nothing", () => {
    expect(compileGlob("[z-a]")?.test("m")).toBe(false);
  });
});

function rows(table: string): string[][] {
  return table
    .trim()
    .split("\n")
    .map((line) => line.replaceAll("\\\\", "\\").split("|"))
    .map((cells) =>
      cells.length > 3 ? [cells.slice(0, 2).join("|"), cells.slice(2, 4).join("|"), cells[4] ?? ""] : cells,
    )
    .map((cells) => cells.map((cell) => cell.trim()));
}
