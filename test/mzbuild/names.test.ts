import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pathsBelow, pathsOwnedBy, sortedPaths } from "../../mzbuild/file-set.ts";
import { compareCodePoints, didYouMean, nearestNames } from "../../mzbuild/index.ts";

describe("the order of code points", () => {
  it("is that of the UTF-8 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it("puts characters outside the basic plane last", () => {
    expect(["\u{1f600}", "\uff00", "a"].sort(compareCodePoints)).toEqual(["a", "\uff00", "\u{1f600}"]);
  });
});

describe("nearest names", () => {
  const names = ["ubuntu-base", "ci-builder", "billing-demo", "fancy-loadgen"];

  it.each([
    ["ubuntu-bse", ["ubuntu-base"]],
    ["ubnutu-base", ["ubuntu-base"]],
    ["Billing-Demo", ["billing-demo"]],
    ["fancy", ["fancy-loadgen"]],
    ["xyz", []],
    ["", []],
  ])("of %j are %j", (name, expected) => {
    expect(nearestNames(name, names)).toEqual(expected);
  });

  it("make a question of up to three", () => {
    expect(didYouMean("ab1", ["ab2", "ab3", "ab4", "ab5"])).toBe('did you mean "ab2", "ab3" or "ab4"?');
    expect(didYouMean("zzz", names)).toBeUndefined();
  });
});

describe("a sorted listing", () => {
  const paths = sortedPaths(["a/x", "a", "a-b/x", "a/b/y", "a0", "a.b/x", "a/b.c/z", "a/b/y", "b/a/x"]);

  it("knows what is below a directory, and not what only begins alike", () => {
    expect(pathsBelow(paths, "a")).toEqual(["a/b.c/z", "a/b/y", "a/x"]);
    expect(pathsBelow(paths, "")).toBe(paths);
    expect(pathsBelow(paths, "nope")).toEqual([]);
  });

  it("gives what is below several directories to the longest, and nothing to the root", () => {
    expect(pathsOwnedBy(paths, "a", ["", "a", "a/b", "b"])).toEqual(["a/b.c/z", "a/x"]);
    expect(pathsOwnedBy(paths, "", ["a"])).toEqual([]);
  });

  it("answers as looking at each path does", () => {
    const segment = fc.constantFrom("a", "b", "a-b", "a.b", "a0", "é", "\u{1f600}", "\uff00");
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(fc.array(path), path, (listing, directory) => {
        const sorted = sortedPaths(listing);
        expect(pathsBelow(sorted, directory)).toEqual(sorted.filter((each) => each.startsWith(`${directory}/`)));
      }),
    );
  });
});
