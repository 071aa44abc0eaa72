import { describe, expect, it } from "vitest";
import { contextTree } from "../../../frontend/gateway/context-tree.ts";
import { decodeListing, encodeListing } from "../../../frontend/gateway/list-context.ts";
import type { ListedFile } from "../../../mzbuild/index.ts";

const sha1 = "07".repeat(20);
const present = (path: string, kind: "file" | "executable" | "link" = "file"): ListedFile => ({
  path,
  file: { status: "present", kind, sha1 },
});
const listing: readonly ListedFile[] = [
  present("Cargo.toml"),
  present("a/run", "executable"),
  present("a/src/bin/x.rs"),
  { ...present("ab/link", "link"), behind: ["a/run"] },
  { path: "gone", file: { status: "unreadable", reason: "dangling-link" } },
];

describe("the answer of the listing step", () => {
  it("is read as it was written", () => {
    expect(decodeListing(new TextEncoder().encode(encodeListing(listing)))).toEqual(listing);
  });
});

describe("a repository inside BuildKit", () => {
  const reads: string[] = [];
  const tree = contextTree(listing, async (path) => {
    reads.push(path);
    return new TextEncoder().encode(`content of ${path}`);
  });

  it("has the files of the listing, with their states and hashes", async () => {
    expect((await tree.listFiles()).paths).toEqual(["Cargo.toml", "a/run", "a/src/bin/x.rs", "ab/link", "gone"]);
    expect(await tree.statFiles(["a/run", "ab/link", "gone", "nothing"])).toEqual([
      { status: "present", kind: "executable", origin: "work-tree" },
      { status: "present", kind: "link", origin: "work-tree", behind: ["a/run"] },
      { status: "unreadable", reason: "dangling-link" },
      { status: "absent" },
    ]);
    expect(await tree.hashFiles(["ab/link", "nothing"])).toEqual([
      { status: "present", kind: "link", sha1 },
      { status: "absent" },
    ]);
  });

  it("has directories, however they are written", async () => {
    const [root, ...others] = await tree.readDirectories([".", "a", "./a/src/", "nothing", "gone"]);
    expect(root).toEqual([
      { name: "Cargo.toml", kind: "file" },
      { name: "a", kind: "directory" },
      { name: "ab", kind: "directory" },
      { name: "gone", kind: "file" },
    ]);
    expect(others).toEqual([
      [
        { name: "run", kind: "file" },
        { name: "src", kind: "directory" },
      ],
      [{ name: "bin", kind: "directory" }],
      undefined,
      undefined,
    ]);
  });

  it("reads a file once, and none that isn't there", async () => {
    const [first, missing, unreadable] = await tree.readFiles(["a/run", "nothing", "gone"]);
    await tree.readFiles(["a/run"]);
    expect(new TextDecoder().decode(first)).toBe("content of a/run");
    expect([missing, unreadable, reads]).toEqual([undefined, undefined, ["a/run"]]);
  });
});
