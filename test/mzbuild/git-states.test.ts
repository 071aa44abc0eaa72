import { execFileSync } from "node:child_process";
import { chmodSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  gitTopLevel,
  gitWorkTree,
  openRepository,
  type SourceTree,
  sortedByCodePoint,
  type Variant,
} from "../../mzbuild/index.ts";
import { rejectionOf } from "./errors.ts";
import { type GitRepository, gitRepository, image, repositoryAt } from "./git-repository.ts";

const VARIANT: Variant = { profile: "optimized", architecture: "x86_64", coverage: false, sanitizer: "none" };
const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** What is in the working tree and not ignored, asked for as the reference implementation asks. */
function referenceFileSet({ git }: GitRepository): readonly string[] {
  const tracked = git("diff", "--name-only", "-z", "--relative", EMPTY_TREE);
  const untracked = git("ls-files", "--others", "--exclude-standard", "-z");
  return sortedByCodePoint(
    new Set([...tracked.split("\0"), ...untracked.split("\0")].filter((path) => path.trim() !== "")),
  );
}

async function fileSet(tree: SourceTree): Promise<readonly string[]> {
  const { paths } = await tree.listFiles();
  const states = await tree.statFiles(paths);
  return sortedByCodePoint(paths.filter((_, index) => states[index]?.status !== "absent"));
}

async function fingerprint(repository: GitRepository, name: string): Promise<string | undefined> {
  return (await (await repository.open()).fingerprints([name], VARIANT)).get(name);
}

describe("the file set", () => {
  const changes: readonly (readonly [what: string, change: (repository: GitRepository) => void])[] = [
    ["nothing changed", () => {}],
    [
      "tracked files are changed, deleted and staged as deleted",
      (r) => {
        r.write({ "a.txt": "other" });
        r.remove("b.txt");
        r.git("rm", "--quiet", "c.txt");
      },
    ],
    ["a file is only removed from the index", (r) => void r.git("rm", "--quiet", "--cached", "a.txt")],
    [
      "a file is added and deleted again",
      (r) => {
        r.write({ "new.txt": "x" });
        r.git("add", "new.txt");
        r.remove("new.txt");
      },
    ],
    [
      "files are untracked, ignored, ignored but tracked, intended to be added",
      (r) => {
        r.write({ "new.txt": "x", "x.log": "ignored", "kept.log": "x", "intent.txt": "x" });
        r.git("add", "--force", "kept.log");
        r.git("add", "--intent-to-add", "intent.txt");
      },
    ],
    [
      "ignore rules are in .git/info/exclude and in the user's file",
      (r) => {
        writeFileSync(join(r.root, ".git/info/exclude"), "*.one\n");
        r.write({ "../user-ignore": "*.two\n", "a.one": "x", "a.two": "x", "a.three": "x" });
        r.git("config", "core.excludesFile", join(r.root, "../user-ignore"));
      },
    ],
    [
      "a directory has become a link to another",
      (r) => {
        r.git("mv", "dir", "moved");
        r.git("reset", "--quiet");
        r.write({ dir: "-> moved" });
      },
    ],
    [
      "a file has become a directory, and a directory a file",
      (r) => {
        r.remove("a.txt");
        r.write({ "a.txt/inner": "x" });
        r.remove("dir");
        r.write({ dir: "x" });
      },
    ],
    [
      "names have every kind of character",
      (r) => {
        r.write({
          "größe 日本語 😀": "x",
          'quote"s': "x",
          "tab\there": "x",
          "new\nline": "x",
          "back\\slash": "x",
          ":colon": "x",
          "-x": "x",
        });
        r.git("config", "core.quotepath", "true");
      },
    ],
    [
      "paths are unmerged",
      (r) => {
        r.git("checkout", "--quiet", "-b", "other");
        r.write({ "a.txt": "theirs" });
        r.commit();
        r.git("checkout", "--quiet", "main");
        r.write({ "a.txt": "ours" });
        r.commit();
        expect(() => execFileSync("git", ["merge", "other"], { cwd: r.root, env: r.env, stdio: "ignore" })).toThrow();
      },
    ],
    [
      "the index is split and has a cache of untracked files",
      (r) => {
        r.git("update-index", "--split-index");
        r.git("update-index", "--untracked-cache");
        r.write({ "new.txt": "x" });
      },
    ],
  ];

  it.each(changes)("is the reference's when %s", async (_, change) => {
    using repository = gitRepository({
      ".gitignore": "*.log\n",
      "a.txt": "a",
      "b.txt": "b",
      "c.txt": "c",
      "dir/d.txt": "d",
      "dir/deep/e.txt": "e",
      "run.sh": "#!/bin/sh\n",
      link: "-> a.txt",
    });
    change(repository);
    expect(await fileSet(repository.tree())).toEqual(referenceFileSet(repository));
  });

  it("is the reference's in a linked work tree, and in a directory of one", async () => {
    using repository = gitRepository({ "a.txt": "a", "sub/b.txt": "b" });
    repository.git("worktree", "add", "--quiet", "../linked", "-b", "linked");
    const linked = repositoryAt(join(repository.root, "../linked"));
    linked.write({ "sub/c.txt": "c" });
    expect(await fileSet(linked.tree())).toEqual(["a.txt", "sub/b.txt", "sub/c.txt"]);
    expect(await fileSet(repositoryAt(join(linked.root, "sub")).tree())).toEqual(["b.txt", "c.txt"]);
  });

  it("is there before the first commit", async () => {
    using repository = gitRepository();
    const fresh = repositoryAt(join(repository.root, "../fresh"));
    repository.write({ "../fresh/a.txt": "a" });
    fresh.git("init", "--quiet");
    expect(await fileSet(fresh.tree())).toEqual(["a.txt"]);
  });
});

describe("a fingerprint", () => {
  it("is the same in hooks of a work tree, where git sets GIT_DIR, from any directory", async () => {
    using repository = gitRepository(image("app", { "a.txt": "a" }));
    repository.git("worktree", "add", "--quiet", "../second");
    const second = join(repository.root, "../second");
    const expected = await fingerprint(repository, "app");
    const env = { ...repository.env, GIT_DIR: join(repository.root, ".git/worktrees/second") };
    for (const directory of ["", "images", "images/app"]) {
      expect(await gitTopLevel(join(second, directory), env)).toBe(realpathSync(second));
    }
    const opened = await openRepository(gitWorkTree(join(second, "images"), { env }));
    expect(await opened.inputs("app")).toEqual(["app/Dockerfile", "app/a.txt", "app/mzbuild.yml"]);
    const top = await openRepository(gitWorkTree(second, { env }));
    expect((await top.fingerprints(["app"], VARIANT)).get("app")).toBe(expected);
  });

  it("doesn't wait for what a pipe in the place of a file may bring", async () => {
    using repository = gitRepository({ ...image("app"), ...image("other") });
    repository.remove("images/app/mzbuild.yml");
    execFileSync("mkfifo", [join(repository.root, "images/app/mzbuild.yml")]);
    expect((await rejectionOf(repository.open())).message).toContain("images/app/mzbuild.yml must be a mapping");
  });

  it("is given up when whoever asked doesn't want it any more, with git and before and after it", async () => {
    using repository = gitRepository(image("app", { "a.txt": "a" }));
    const stop = new AbortController();
    const tree = gitWorkTree(repository.root, { env: repository.env, signal: stop.signal });
    const listing = tree.listFiles();
    const reason = new Error("stopped");
    stop.abort(reason);
    await expect(listing).rejects.toBe(reason);
    const other = new AbortController();
    const hasher = { hash: () => new Promise<never>(() => {}) };
    const slow = gitWorkTree(repository.root, { env: repository.env, signal: other.signal, hasher });
    await slow.listFiles();
    const hashes = slow.hashFiles(["images/app/a.txt"]);
    other.abort(reason);
    await expect(hashes).rejects.toBe(reason);
  });

  it("is found by a GIT_DIR that is somewhere else", async () => {
    using repository = gitRepository(image("app", { "a.txt": "a" }));
    const expected = await fingerprint(repository, "app");
    renameSync(join(repository.root, ".git"), join(repository.root, "../apart"));
    const env = { ...repository.env, GIT_DIR: join(repository.root, "../apart") };
    const opened = await openRepository(gitWorkTree(repository.root, { env }));
    expect((await opened.fingerprints(["app"], VARIANT)).get("app")).toBe(expected);
  });

  it("takes modes from the disk, whatever core.fileMode says", async () => {
    using repository = gitRepository(image("app", { "run.sh": "#!/bin/sh\n" }));
    const before = await fingerprint(repository, "app");
    repository.git("config", "core.fileMode", "false");
    expect(await fingerprint(repository, "app")).toBe(before);
    chmodSync(join(repository.root, "images/app/run.sh"), 0o644);
    expect(await fingerprint(repository, "app")).not.toBe(before);
  });

  it("is the same in a sparse checkout as in a full one, though most files are not there", async () => {
    using repository = gitRepository({
      ...image("base", { "data.bin": "\u0000\u0001", "run.sh": "#!/bin/sh\n" }),
      ...image("app", {
        Dockerfile: "MZFROM base\n",
        "mzbuild.yml":
          "name: app\npre-image: [{type: copy, source: other, destination: x}, {type: cargo-build, bin: tool}]\n",
      }),
      "other/file.txt": "x",
      "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
      "Cargo.lock": "",
      "crates/a/Cargo.toml": '[package]\nname = "a"\nversion = "1.0.0"\n',
      "crates/a/src/bin/tool/main.rs": "fn main() {}",
    });
    const full = await fingerprint(repository, "app");
    repository.git("sparse-checkout", "set", "--cone", "--sparse-index", "images/app");
    expect(await fingerprint(repository, "app")).toBe(full);
    const error = await rejectionOf((await repository.open()).context("base"));
    expect(error.code).toBe("not-checked-out");
    expect(error.hint).toContain("git sparse-checkout add images/base");
    const opened = await repository.open();
    const steps = opened.image("app").preImages.filter((step) => step.kind === "cargo-build");
    const programs = await rejectionOf(opened.cargoSources(steps));
    expect(programs.message).toBe(
      "crates/a/Cargo.toml, which Cargo needs for the programs of images, is not in the work tree",
    );
    expect(programs.hint).toContain("git sparse-checkout add crates/a");
  });

  it("follows links into, out of and through what a sparse checkout leaves out, and a build says what is missing", async () => {
    using repository = gitRepository({
      ...image("app", { "in.txt": "-> ../../data/a.txt", "through.txt": "-> ../away/back.txt", "b.txt": "b" }),
      ...image("far", { Dockerfile: "-> ../app/Dockerfile", "a.txt": "-> ../../data/a.txt", "dir.txt": "-> ./a.txt" }),
      "images/away/back.txt": "-> ../app/b.txt",
      "data/a.txt": "a",
    });
    const full = await Promise.all([fingerprint(repository, "app"), fingerprint(repository, "far")]);
    repository.git("sparse-checkout", "set", "--no-cone", "/images/app/");
    expect(await Promise.all([fingerprint(repository, "app"), fingerprint(repository, "far")])).toEqual(full);
    const error = await rejectionOf((await repository.open()).context("app"));
    expect(error.message).toContain(
      "images/app/in.txt, which image app needs, is a symbolic link to data/a.txt, which is not in the work tree",
    );
    expect(error.hint).toContain("git sparse-checkout add data");
  });

  it("calls a link in a sparse checkout broken only where it is", async () => {
    using repository = gitRepository({ ...image("app", { "x.txt": "-> ../../data/no.txt" }), "data/a.txt": "a" });
    repository.git("sparse-checkout", "set", "--no-cone", "/images/");
    const error = await rejectionOf(fingerprint(repository, "app"));
    expect(error.message).toContain("is a symbolic link to a file that does not exist");
  });

  it("takes what git was told to assume unchanged from the index where it is missing, else from the disk", async () => {
    using repository = gitRepository(image("app", { "a.txt": "a" }));
    const full = await fingerprint(repository, "app");
    repository.git("update-index", "--assume-unchanged", "images/app/a.txt");
    repository.remove("images/app/a.txt");
    expect(await fingerprint(repository, "app")).toBe(full);
    repository.write({ "images/app/a.txt": "b" });
    expect(await fingerprint(repository, "app")).not.toBe(full);
  });

  it("covers the files of a submodule, and of an untracked repository, inside of the context", async () => {
    using library = gitRepository({
      "lib.txt": "lib",
      ".gitignore": "*.o\n",
      "images/inner/mzbuild.yml": "name: inner\n",
    });
    using repository = gitRepository(image("app"));
    repository.git("submodule", "--quiet", "add", library.root, "images/app/lib");
    repository.write({ "images/app/lib/new.txt": "x", "images/app/lib/x.o": "x" });
    repository.git("clone", "--quiet", library.root, "images/app/clone");
    const opened = await repository.open();
    expect(await opened.inputs("app")).toEqual([
      "images/app/Dockerfile",
      "images/app/clone/.gitignore",
      "images/app/clone/images/inner/mzbuild.yml",
      "images/app/clone/lib.txt",
      "images/app/lib/.gitignore",
      "images/app/lib/images/inner/mzbuild.yml",
      "images/app/lib/lib.txt",
      "images/app/lib/new.txt",
      "images/app/mzbuild.yml",
    ]);
    expect([...opened.images.keys()]).toEqual(["app"]);
  });

  it("is refused where a submodule of the context is not checked out", async () => {
    using library = gitRepository({ "lib.txt": "lib" });
    using repository = gitRepository({ ...image("app"), ...image("other") });
    repository.git("submodule", "--quiet", "add", library.root, "images/app/lib");
    repository.commit();
    repository.git("submodule", "--quiet", "deinit", "--force", "images/app/lib");
    const error = await rejectionOf(fingerprint(repository, "app"));
    expect(error.code).toBe("unreadable-input");
    expect(error.hint).toBe("git submodule update --init images/app/lib");
    expect(await fingerprint(repository, "other")).toHaveLength(32);
  });

  it.each([
    ["a link that dangles", "-> nowhere", "is a symbolic link to a file that does not exist"],
    ["a link to a directory", "-> ../other", "is a symbolic link to a directory"],
    ["a link to itself", "-> x", "is a symbolic link that leads back to itself"],
  ])("is refused for %s, and only for the image that has it", async (_, link, problem) => {
    using repository = gitRepository({ ...image("app", { x: link }), ...image("other") });
    const error = await rejectionOf(fingerprint(repository, "app"));
    expect([error.code, error.message]).toEqual([
      "unreadable-input",
      `images/app/x, an input of image app, ${problem}`,
    ]);
    expect(await fingerprint(repository, "other")).toHaveLength(32);
  });

  it("is refused for a pipe in a file's place", async () => {
    using repository = gitRepository(image("app", { x: "x" }));
    repository.remove("images/app/x");
    execFileSync("mkfifo", [join(repository.root, "images/app/x")]);
    expect((await rejectionOf(fingerprint(repository, "app"))).message).toContain(
      "is neither a file nor a symbolic link",
    );
  });

  it.each([true, false])(
    "is refused for a name that is not UTF-8, tracked: %s, and only for the image that has it",
    async (tracked) => {
      using repository = gitRepository({ ...image("app"), ...image("other") });
      writeFileSync(Buffer.concat([Buffer.from(join(repository.root, "images/app/")), Buffer.of(0x61, 0xff)]), "x");
      if (tracked) repository.commit();
      const error = await rejectionOf(fingerprint(repository, "app"));
      expect(error.message).toContain("has a name that is not UTF-8");
      expect(await fingerprint(repository, "other")).toHaveLength(32);
    },
  );

  it("is that of a large file's whole content", async () => {
    using repository = gitRepository(image("app"));
    const large = Buffer.alloc(1_000_003, "abcdefg");
    writeFileSync(join(repository.root, "images/app/large"), large);
    const { files } = (await (await repository.open()).manifests(["app"], VARIANT)).get("app")!;
    const sum = execFileSync("sha1sum", [join(repository.root, "images/app/large")], { encoding: "utf8" });
    expect(files.find(({ path }) => path === "images/app/large")!.sha1).toBe(sum.slice(0, 40));
  });
});

describe("a work tree", () => {
  it("that is none is an error that says what to do", async () => {
    using repository = gitRepository();
    const outside = gitWorkTree(join(repository.root, ".."), {
      env: { ...repository.env, GIT_CEILING_DIRECTORIES: "/" },
    });
    const error = await rejectionOf(openRepository(outside));
    expect([error.code, error.hint]).toEqual(["not-a-work-tree", expect.stringContaining("git init")]);
  });

  it("cannot be read without git", async () => {
    using repository = gitRepository();
    const error = await rejectionOf(openRepository(gitWorkTree(repository.root, { env: { PATH: "/nowhere" } })));
    expect(error.code).toBe("git-missing");
  });

  it("whose index is broken is an error with git's own words", async () => {
    using repository = gitRepository({ "a.txt": "a" });
    writeFileSync(join(repository.root, ".git/index"), "no index");
    const error = await rejectionOf(repository.open());
    expect([error.code, error.message]).toEqual(["git-failed", expect.stringContaining("index file")]);
  });
});
