import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { gitCommitTree, openRepository, type Repository, type Variant } from "../../mzbuild/index.ts";
import { gitRepository, image } from "./git-repository.ts";
import { GIT_ENV, goldens, makeSample, type Sample } from "./sample.ts";

const OPTIMIZED: Variant = { profile: "optimized", architecture: "x86_64", coverage: false, sanitizer: "none" };

describe("a commit of the sample repository, whatever lies in its work tree", () => {
  const golden = goldens.states.clean;
  let sample: Sample;
  let repository: Repository;
  beforeAll(async () => {
    sample = makeSample("dirty");
    repository = await openRepository(gitCommitTree(sample.root, "HEAD", { env: GIT_ENV }));
  });
  afterAll(() => sample[Symbol.dispose]());

  test("has the images of a clean checkout, in the same order", () => {
    expect([...repository.images.keys()]).toEqual(golden.list);
  });

  test("has their inputs and fingerprints", async () => {
    // In a clean checkout there are untracked files, too: those that the sample makes on purpose.
    const untracked = execFileSync("git", ["ls-files", "--others", "--exclude-standard"], { cwd: sample.root });
    const fingerprints = await repository.fingerprints(repository.images.keys(), OPTIMIZED);
    const expected = golden.fingerprints["optimized/x86_64"] ?? {};
    const clean = golden.list.filter((name) => {
      const inputs = golden.images[name]?.inputs ?? [];
      return !inputs.some((path) => untracked.toString().includes(path));
    });
    expect(clean.length).toBeGreaterThan(golden.list.length / 2);
    for (const name of clean) expect([name, fingerprints.get(name)]).toEqual([name, expected[name]]);
  });
});

describe("a commit", () => {
  function committed(files: Readonly<Record<string, string>>) {
    const git = gitRepository(files);
    onTestFinished(() => git[Symbol.dispose]());
    return { git, tree: gitCommitTree(git.root, "HEAD", { env: git.env }) };
  }

  test("keeps modes, and follows links inside of itself", async () => {
    const { tree } = committed({
      "data/text": "text",
      "bin/run": "#!/bin/sh\n",
      "a/file": "-> ../data/text",
      "a/through": "-> ../b/text",
      b: "-> data",
      "a/dangling": "-> ../nothing",
      "a/outside": "-> ../../outside",
      "a/loop": "-> loop",
      "a/directory": "-> ../data",
    });
    const paths = ["data/text", "bin/run", "a/file", "a/through", "a/dangling", "a/outside", "a/loop", "a/directory"];
    const found = await tree.statFiles([...paths, "data", "nothing"]);
    expect(found.map((file) => (file.status === "present" ? file.kind : Object.values(file).at(-1)))).toEqual([
      "file",
      "executable",
      "link",
      "link",
      "dangling-link",
      "dangling-link",
      "link-loop",
      "link-to-directory",
      "absent",
      "absent",
    ]);
    const contents = await tree.readFiles(["a/through", "b/text", "b", "nothing"]);
    expect(contents.map((content) => content && Buffer.from(content).toString())).toEqual([
      "text",
      "text",
      undefined,
      undefined,
    ]);
    const [directory, missing] = await tree.readDirectories(["b", "data/text"]);
    expect(directory).toEqual([{ name: "text", kind: "file" }]);
    expect(missing).toBeUndefined();
  });

  test("has the fingerprints of its own checkout, also below a directory of the work tree", async () => {
    const { git } = committed({ ...image("app", { "deep/er/file": "x", "run.sh": "#!/bin/sh\n" }), other: "y" });
    const here = await git.open();
    const there = await openRepository(gitCommitTree(git.root, "main", { env: git.env }));
    const expected = await here.fingerprints(["app"], OPTIMIZED);
    expect(await there.fingerprints(["app"], OPTIMIZED)).toEqual(expected);
    const below = gitCommitTree(`${git.root}/images/app`, "main", { env: git.env });
    expect((await below.listFiles()).paths).toEqual(["Dockerfile", "deep/er/file", "mzbuild.yml", "run.sh"]);
  });

  test("is the same whatever changes in the work tree", async () => {
    const { git, tree } = committed(image("app", { file: "before" }));
    git.write({ "images/app/file": "after", "images/app/new": "new" });
    expect((await tree.listFiles()).paths).not.toContain("images/app/new");
    const [content] = await tree.readFiles(["images/app/file"]);
    expect(Buffer.from(content ?? []).toString()).toBe("before");
  });

  test("that git doesn't know is named", async () => {
    const { git } = committed({});
    const tree = gitCommitTree(git.root, "no-such-branch", { env: git.env });
    await expect(tree.listFiles()).rejects.toMatchObject({
      code: "unknown-commit",
      message: 'git knows no commit "no-such-branch"',
    });
  });
});
