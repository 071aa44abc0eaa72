import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { directoryTree } from "../../../client/filesync/directory-tree.ts";
import { followLinks } from "../../../client/filesync/follow-links.ts";
import { pathFilter } from "../../../client/filesync/path-filter.ts";
import { requestedFilter } from "../../../client/filesync/requested-filter.ts";
import type { SyncTree } from "../../../client/filesync/sync-tree.ts";
import { walkTree } from "../../../client/filesync/walk-tree.ts";
import { smallTree } from "./small-tree.ts";

function walked(tree: SyncTree, include: readonly string[] = [], exclude: readonly string[] = []): string[] {
  return [...walkTree(tree, pathFilter({ include, exclude }))].map(({ path, entry }) =>
    entry.kind === "directory" ? `${path}/` : path,
  );
}

describe("a walk", () => {
  const tree = smallTree(
    "file foo/bar",
    "file foo/bar2",
    "dir foo/empty",
    "file foo.txt",
    "file bar/foo/baz",
    "file a b",
    "link l -> foo",
  );

  test("yields directories before their content, in the order of their components", () => {
    expect(walked(tree)).toEqual([
      "a",
      "bar/",
      "bar/foo/",
      "bar/foo/baz",
      "foo/",
      "foo/bar",
      "foo/bar2",
      "foo/empty/",
      "foo.txt",
      "l",
    ]);
  });

  test.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ["an included file brings its parents", ["bar/foo/baz"], [], ["bar/", "bar/foo/", "bar/foo/baz"]],
    ["an included directory brings its content", ["foo"], [], ["foo/", "foo/bar", "foo/bar2", "foo/empty/"]],
    ["a pattern at any depth", ["**/bar"], [], ["bar/", "bar/foo/", "bar/foo/baz", "foo/", "foo/bar"]],
    [
      "an excluded directory goes with its content",
      [],
      ["foo"],
      ["a", "bar/", "bar/foo/", "bar/foo/baz", "foo.txt", "l"],
    ],
    ["an exception brings its parents back", [], ["*", "!foo/bar2"], ["foo/", "foo/bar2"]],
    ["an exception at any depth", [], ["**", "!**/baz"], ["bar/", "bar/foo/", "bar/foo/baz"]],
    ["exclusion beats inclusion", ["foo"], ["foo/b*"], ["foo/", "foo/empty/"]],
    ["nothing matches", ["nowhere"], [], []],
    ["a trailing star", ["foo/*"], [], ["foo/", "foo/bar", "foo/bar2", "foo/empty/"]],
  ])("with a filter: %s", (_name, include, exclude, expected) => {
    expect(walked(tree, include, exclude)).toEqual(expected);
  });

  test("doesn't enter a directory in which nothing can match", () => {
    const entered: string[] = [];
    const watched: SyncTree = {
      ...tree,
      list(directory) {
        entered.push(directory);
        return tree.list(directory);
      },
    };
    walked(watched, ["foo/bar"], []);
    walked(watched, [], ["bar", "foo"]);
    expect(entered).toEqual(["", "foo", ""]);
  });

  test("an unreadable directory matters only where it is wanted", () => {
    const locked: SyncTree = {
      ...tree,
      list(directory) {
        if (directory === "foo") throw Object.assign(new Error("EACCES: foo"), { code: "EACCES" });
        return tree.list(directory);
      },
    };
    expect(walked(locked, ["**/baz"], [])).toEqual(["bar/", "bar/foo/", "bar/foo/baz"]);
    expect(() => walked(locked)).toThrow("EACCES: foo");
  });

  test("the second name of a file links to the first that is sent", () => {
    const file = { kind: "file", permissions: 0o644, mtimeNs: 0n, sizeBytes: 1, identity: "1:1" } as const;
    const linked: SyncTree = {
      list: (directory) => (directory === "" ? ["a", "b", "c"].map((name) => ({ name, isDirectory: false })) : []),
      stat: () => file,
      read: () => Uint8Array.of(1),
    };
    const links = (exclude: readonly string[]) =>
      [...walkTree(linked, pathFilter({ include: [], exclude }))].map((entry) => [entry.path, entry.hardLinkTo]);
    expect(links([])).toEqual([
      ["a", undefined],
      ["b", "a"],
      ["c", "a"],
    ]);
    expect(links(["a"])).toEqual([
      ["b", undefined],
      ["c", "b"],
    ]);
  });
});

describe("followed paths", () => {
  // The cases of tonistiigi/fsutil: followlinks_test.go, as facts.
  const chain = smallTree("file dir/foo x", "link dir/l1 -> foo", "link l2 -> dir/l1", "file bar", "file baz");
  const absolute = smallTree("link dir/l1 -> /foo/bar/baz", "dir foo", "link foo/bar -> ../", "file baz");
  const escaping = smallTree("link dir/l1 -> /foo/bar/baz", "dir foo", "link foo/bar -> ../../../", "file baz");
  const loop = smallTree("link l1 -> l1", "link l2 -> l3", "link l3 -> l2");
  const globbed = smallTree(
    "dir dir",
    "link dir/l1 -> /foo",
    "link dir/l2 -> ../bar",
    "link dir/m -> x",
    "dir foo",
    "file bar",
  );

  test.each<[string, SyncTree, readonly string[], readonly string[] | undefined]>([
    ["a chain of links", chain, ["l2", "bar"], ["bar", "dir/foo", "dir/l1", "l2"]],
    ["an absolute link is one from the root of the tree", absolute, ["dir/l1"], ["baz", "dir/l1", "foo/bar"]],
    ["a link can't leave the tree", escaping, ["dir/l1"], ["baz", "dir/l1", "foo/bar"]],
    ["loops end", loop, ["l1", "l3"], ["l1", "l2", "l3"]],
    ["what doesn't exist stays as it is", smallTree(), ["foo/bar/baz", "bar/baz"], ["bar/baz", "foo/bar/baz"]],
    ["paths below others go", smallTree(), ["foo/bar/baz", "foo/bar"], ["foo/bar"]],
    ["the root is everything", smallTree(), ["."], undefined],
    ["patterns that match nothing stay", smallTree(), ["f*/foo/t*"], ["f*/foo/t*"]],
    ["a pattern follows the links that it matches", globbed, ["dir/l*"], ["bar", "dir/l*", "foo"]],
  ])("%s", (_name, tree, paths, expected) => {
    expect(followLinks(tree, paths)).toEqual(expected);
  });
});

describe("fsutil itself", () => {
  // Made by testdata/filesync/walks/oracle.go.
  const lines = (name: string) =>
    readFileSync(new URL(`../../testdata/filesync/walks/${name}`, import.meta.url), "utf8")
      .trimEnd()
      .split("\n");
  const expected = lines("expected.txt");
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "walks-"));
    for (const line of lines("tree.txt")) {
      const [, kind = "", path = "", target = ""] = /^(\w+) (.*?)(?: -> (.*))?$/.exec(line) ?? [];
      if (kind === "dir") mkdirSync(join(root, path));
      else if (kind === "file") writeFileSync(join(root, path), "");
      else symlinkSync(target, join(root, path));
    }
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test.each(lines("queries.txt").map((query, index) => [query, expected[index]!]))(
    "answers %s alike",
    (query, answer) => {
      const { Include, Exclude, Follow } = JSON.parse(query) as Record<"Include" | "Exclude" | "Follow", string[]>;
      expect(pathsOrError(directoryTree(root), Include, Exclude, Follow)).toEqual(JSON.parse(answer));
    },
  );
});

function pathsOrError(tree: SyncTree, include: string[], exclude: string[], follow: string[]): string[] {
  try {
    return [...walkTree(tree, requestedFilter(tree, { include, exclude, follow }))].map(({ path }) => path);
  } catch {
    return ["error"];
  }
}
