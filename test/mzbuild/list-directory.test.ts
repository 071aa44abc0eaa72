import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listDirectory, type SourceTree, wholeDirectoryRules } from "../../mzbuild/index.ts";
import { type GitRepository, gitRepository, image } from "./git-repository.ts";

/** What git's own work tree says, in the form of the listing without git. */
async function withGit(tree: SourceTree): Promise<readonly unknown[]> {
  const { paths } = await tree.listFiles();
  const [hashed, states] = await Promise.all([tree.hashFiles(paths), tree.statFiles(paths)]);
  const listed = paths.map((path, index) => {
    const state = states[index];
    const isLink = state?.status === "present" && state.kind === "link";
    return { path, file: hashed[index], ...(isLink ? { behind: state.behind } : {}) };
  });
  return listed.filter(({ file }) => file?.status !== "absent");
}

const states: readonly (readonly [what: string, change: (repository: GitRepository) => void])[] = [
  ["a clean tree", () => {}],
  ["a changed file", (r) => r.write({ "images/a/f": "changed" })],
  ["a deleted file", (r) => r.remove("images/a/f")],
  ["an untracked file", (r) => r.write({ "images/a/new": "new" })],
  ["an executable", (r) => r.write({ "images/a/f": "#!/bin/sh\n" })],
  [
    "links, to a file, to a directory and to nothing",
    (r) => r.write({ l1: "-> images/a/f", l2: "-> images", l3: "-> gone", l4: "-> l2/a/../../l1" }),
  ],
  ["a link to itself", (r) => r.write({ loop: "-> loop" })],
  ["a file that is removed from the index alone", (r) => void r.git("rm", "--quiet", "--cached", "images/a/f")],
  [
    "ignored files, some of which are tracked",
    (r) => {
      r.write({
        ".gitignore": "/target\n*.o\n!keep.o\n",
        "target/x": "x",
        "target/y": "y",
        "b/z.o": "z",
        "keep.o": "k",
      });
      r.git("add", "--force", "target/x");
    },
  ],
  [
    "rules that are anchored, for directories, with stars, comments and blanks",
    (r) =>
      r.write({
        ".gitignore": "# a\n\n/top\ndir/\na/**/b\n**/deep\nx/*.t\ntrailing  \n\\#sharp\n\\!bang\nback\\ \n",
        top: "1",
        "sub/top": "1",
        "dir/f": "1",
        "sub/dir": "a file, not a directory",
        "a/b": "1",
        "a/1/2/b": "1",
        "q/deep/f": "1",
        "x/y.t": "1",
        "x/y/z.t": "1",
        trailing: "1",
        "#sharp": "1",
        "!bang": "1",
        "back ": "1",
      }),
  ],
  [
    "ignore files in directories, and the repository's own",
    (r) =>
      r.write({
        ".git/info/exclude": "local\n",
        local: "1",
        ".gitignore": "*.log\n",
        "one/.gitignore": "!kept.log\n/here\n",
        "one/kept.log": "1",
        "one/lost.log": "1",
        "one/here": "1",
        "one/two/here": "1",
        "kept.log": "1",
      }),
  ],
  ["nothing taken back below an ignored directory", (r) => r.write({ ".gitignore": "out\n!out/f\n", "out/f": "1" })],
  [
    "line ends of another system",
    (r) => r.write({ ".gitattributes": "*.txt text eol=crlf\n", "a.txt": "one\r\ntwo\r\n" }),
  ],
  ["names that are not ASCII", (r) => r.write({ "images/a/ü ß": "1", "images/a/日本": "2" })],
];

describe("a directory without git is listed as git lists it", () => {
  it.each(states)("with %s", async (_, change) => {
    using repository = gitRepository(image("a", { f: "f" }));
    change(repository);
    expect(listDirectory(repository.root)).toEqual(await withGit(repository.tree()));
  });

  it.each(["2", "3", "4"])("with an index of version %s", async (version) => {
    using repository = gitRepository({
      ...image("a", { f: "f" }),
      ...image("ab", { "deep/f": "f" }),
      ".gitignore": "f\n",
    });
    repository.git("add", "--force", "--all");
    repository.git("update-index", "--index-version", version);
    // Only entries with flags of their own make version 3 differ from version 2.
    repository.write({ intended: "1" });
    repository.git("add", "--intent-to-add", "intended");
    expect(listDirectory(repository.root)).toEqual(await withGit(repository.tree()));
  });

  it("and without a repository by what its ignore files leave", () => {
    using repository = gitRepository({ a: "1", ".gitignore": "*.o\n", "b.o": "2" });
    repository.remove(".git");
    expect(listDirectory(repository.root).map(({ path }) => path)).toEqual([".gitignore", "a"]);
  });

  it("and with an index that can't be read as if there were none", () => {
    using repository = gitRepository({ a: "1", ".gitignore": "*.o\n" });
    repository.write({ ".git/index": "no index", "b.o": "2" });
    expect(listDirectory(repository.root).map(({ path }) => path)).toEqual([".gitignore", "a"]);
  });
});

describe("directories that need not travel", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  it("are the ignored ones at the root", () => {
    expect(wholeDirectoryRules(bytes("/target\n/out/\n*.o\nbuild\n/a/b\n"), undefined)).toEqual(["target", "out/**"]);
  });

  it("are none where a rule takes something back", () => {
    expect(wholeDirectoryRules(bytes("/target\n!/target/kept\n"), undefined)).toEqual([]);
  });

  it("are none that hold something tracked", () => {
    using repository = gitRepository({ a: "1" });
    repository.write({ ".gitignore": "/target\n/out\n", "target/x": "1" });
    repository.git("add", "--force", "target/x");
    expect(wholeDirectoryRules(bytes("/target\n/out\n"), readFileSync(join(repository.root, ".git/index")))).toEqual([
      "out",
    ]);
  });
});
