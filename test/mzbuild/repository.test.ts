import { describe, expect, it } from "vitest";
import { parseImage } from "../../mzbuild/image-config.ts";
import { type Lookup, planBuild, resolveImages, transitiveDependencies, type Variant } from "../../mzbuild/index.ts";
import { errorOf, rejectionOf } from "./errors.ts";
import { gitRepository, image } from "./git-repository.ts";

const VARIANT: Variant = { profile: "dev", architecture: "x86_64", coverage: false, sanitizer: "none" };

describe("discovery", () => {
  it("finds mzbuild.yml anywhere below the root but in misc/python", async () => {
    using repository = gitRepository({
      "mzbuild.yml": "broken: [",
      "misc/python/x/mzbuild.yml": "broken: [",
      "docs/xmzbuild.yml": "broken: [",
      "other/misc/python/mzbuild.yml": "name: deep\n",
      "other/misc/python/Dockerfile": "FROM scratch\n",
      ...image("b"),
      ...image("b-2"),
      "images/b/inner/mzbuild.yml": "name: inner\n",
      "images/b/inner/Dockerfile": "FROM scratch\n",
    });
    expect([...(await repository.open()).images.keys()]).toEqual(["b-2", "inner", "b", "deep"]);
  });

  it("refuses two images of one name and shows both places", async () => {
    using repository = gitRepository({ ...image("a"), ...image("b", { "mzbuild.yml": "description: x\nname: a\n" }) });
    const error = await rejectionOf(repository.open());
    expect([error.code, error.message]).toEqual(["duplicate-image", expect.stringMatching(/^image a exists twice/)]);
    expect(error.at).toMatchObject([
      { file: "images/b/mzbuild.yml", start: { line: 2, column: 7 } },
      { file: "images/a/mzbuild.yml", start: { line: 1, column: 7 } },
    ]);
  });

  it("refuses two compositions of one name, but not a composition and an image", async () => {
    using repository = gitRepository({
      "a/mzcompose.py": "",
      "x/a/mzcompose.py": "",
      "a/mzbuild.yml": "name: a",
      "a/Dockerfile": "",
    });
    expect((await rejectionOf(repository.open())).message).toMatch(/^composition a exists twice/);
    repository.remove("x");
    expect((await repository.open()).compositions).toEqual([{ name: "a", path: "a" }]);
  });

  it("refuses an MZFROM of a name that no image has, with its place and the name that was meant", async () => {
    using repository = gitRepository({
      ...image("ubuntu-base"),
      ...image("a", { Dockerfile: "# x\nMZFROM ubuntu-bse\n" }),
    });
    const error = await rejectionOf(repository.open());
    expect([error.code, error.message]).toEqual(["unknown-image", "image a depends on non-existent image ubuntu-bse"]);
    expect(error.hint).toBe('did you mean "ubuntu-base"?');
    expect(error.at).toMatchObject([
      { file: "images/a/Dockerfile", start: { line: 2, column: 8 }, end: { line: 2, column: 18 } },
    ]);
  });

  it("shows where a file is no YAML", async () => {
    using repository = gitRepository(image("a", { "mzbuild.yml": "name: a\nx: [1\n" }));
    const error = await rejectionOf(repository.open());
    expect([error.code, error.at[0]?.file, error.at[0]?.start.line]).toEqual(["bad-yaml", "images/a/mzbuild.yml", 3]);
  });

  it("forgets an image whose file was deleted, tracked or not", async () => {
    using repository = gitRepository({ ...image("a"), ...image("b") });
    repository.remove("images/a");
    expect([...(await repository.open()).images.keys()]).toEqual(["b"]);
  });
});

describe("the graph", () => {
  it("shows the way from the target into a cycle, and the lines that make it", async () => {
    using repository = gitRepository({
      ...image("a", { Dockerfile: "MZFROM b\n" }),
      ...image("b", { Dockerfile: "FROM scratch\nMZFROM c\n" }),
      ...image("c", { Dockerfile: "MZFROM b\n" }),
      ...image("d"),
    });
    const opened = await repository.open();
    const error = errorOf(() => opened.resolve(["a"]));
    expect([error.code, error.message]).toEqual([
      "dependency-cycle",
      "circular dependency in mzbuild: a -> b -> c -> b",
    ]);
    expect(error.at).toMatchObject([
      { file: "images/b/Dockerfile", start: { line: 2 } },
      { file: "images/c/Dockerfile", start: { line: 1 } },
    ]);
    expect(transitiveDependencies(opened.images, "d")).toEqual([]);
  });

  it("orders dependencies before dependents, by name where there is a choice", async () => {
    using repository = gitRepository({
      ...image("a", { Dockerfile: "MZFROM z\nMZFROM m\nMZFROM z\n" }),
      ...image("m", { Dockerfile: "MZFROM z\n" }),
      ...image("z"),
      ...image("b"),
    });
    const opened = await repository.open();
    expect(opened.resolve(["b", "a"]).map(({ name }) => name)).toEqual(["z", "m", "a", "b"]);
  });

  it("may be a chain of any length", () => {
    const chain = Array.from({ length: 2000 }, (_, n) => {
      const dockerfile = Buffer.from(n === 0 ? "FROM scratch\n" : `MZFROM i${n - 1}\n`);
      return [`i${n}`, parseImage(`images/i${n}`, Buffer.from(`name: i${n}\n`), dockerfile)] as const;
    });
    const order = resolveImages(new Map(chain), ["i1999"]);
    expect(order.map(({ name }) => name)).toEqual(chain.map(([name]) => name));
  });

  it("proposes the nearest names for one that no image has", async () => {
    using repository = gitRepository({ ...image("billing-demo"), ...image("billing-demos"), ...image("other") });
    const opened = await repository.open();
    const error = errorOf(() => opened.resolve(["biling-demo"]));
    expect([error.code, error.message]).toEqual(["unknown-image", "unknown image: biling-demo"]);
    expect(error.hint).toBe('did you mean "billing-demo" or "billing-demos"?');
  });
});

describe("inputs", () => {
  it("of a copy step are the matching files below its source, by their path from the root", async () => {
    using repository = gitRepository({
      ...image("a", {
        "mzbuild.yml": "name: a\npre-image: [{type: copy, source: data/x, destination: in, matching: '*.sql'}]\n",
      }),
      "data/x/one.sql": "1",
      "data/x/deep/two.sql": "-> ../one.sql",
      "data/x/no.txt": "x",
      "data/other.sql": "x",
    });
    const opened = await repository.open();
    expect(await opened.inputs("a")).toEqual([
      "data/x/deep/two.sql",
      "data/x/one.sql",
      "images/a/Dockerfile",
      "images/a/mzbuild.yml",
    ]);
    expect((await opened.context("a")).steps).toEqual([
      {
        kind: "copy",
        files: [
          { path: "in/deep/two.sql", source: "data/x/deep/two.sql", kind: "link", behind: ["data/x/one.sql"] },
          { path: "in/one.sql", source: "data/x/one.sql", kind: "file" },
        ],
      },
    ]);
  });

  it.each([
    [
      "a source that is missing",
      "{type: copy, source: nope, destination: x}",
      "missing-file",
      "nope, the source of a copy step of image a, is no directory",
    ],
    [
      "a pattern that is no string",
      "{type: copy, source: ., destination: x, matching: 5}",
      "bad-image-config",
      "matching must be a string, and is a number",
    ],
    [
      "a pathspec that means nothing",
      "{type: copy, source: ., destination: x, matching: '../x'}",
      "bad-pathspec",
      'the pathspec "../x" leaves the directory that it is evaluated in',
    ],
    [
      "a Cargo step without a workspace",
      "{type: cargo-build, bin: x}",
      "missing-file",
      "Cargo.toml not found, and a pre-image of type cargo-build needs it",
    ],
  ])("fail for %s, and only those of that image", async (_, step, code, message) => {
    using repository = gitRepository({
      ...image("a", { "mzbuild.yml": `name: a\npre-image: [${step}]\n` }),
      ...image("b"),
    });
    const opened = await repository.open();
    const error = await rejectionOf(opened.fingerprints(["a"], VARIANT));
    expect([error.code, error.message]).toEqual([code, message]);
    expect(error.at[0]).toMatchObject({ file: "images/a/mzbuild.yml", start: { line: 2 } });
    expect((await rejectionOf(opened.inputs("a"))).code).toBe(code);
    expect((await opened.fingerprints(["b"], VARIANT)).size).toBe(1);
  });

  it("belong to the innermost context, while the outer build sees them, too", async () => {
    using repository = gitRepository({
      ...image("a"),
      "images/a/in/mzbuild.yml": "name: b",
      "images/a/in/Dockerfile": "FROM scratch",
    });
    const opened = await repository.open();
    expect(await opened.inputs("a")).toEqual(["images/a/Dockerfile", "images/a/mzbuild.yml"]);
    expect((await opened.context("a")).files.map(({ path }) => path)).toEqual([
      "Dockerfile",
      "in/Dockerfile",
      "in/mzbuild.yml",
      "mzbuild.yml",
    ]);
  });

  it("with dependencies' are the union", async () => {
    using repository = gitRepository({ ...image("a", { Dockerfile: "MZFROM b\n" }), ...image("b") });
    expect(await (await repository.open()).transitiveInputs("a")).toEqual([
      "images/a/Dockerfile",
      "images/a/mzbuild.yml",
      "images/b/Dockerfile",
      "images/b/mzbuild.yml",
    ]);
  });
});

describe("the plan", () => {
  const files = {
    ...image("base"),
    ...image("lib", { Dockerfile: "MZFROM base\n" }),
    ...image("private", { Dockerfile: "MZFROM base\n", "mzbuild.yml": "name: private\npublish: false\n" }),
    ...image("app", { Dockerfile: "MZFROM lib\nMZFROM private\n" }),
  };
  const specs = new Map(["base", "lib", "private", "app"].map((name) => [name, `r/${name}:x`]));
  const present: Lookup = { kind: "present" };

  async function plan(lookups: ReadonlyMap<string, Lookup>, rebuild: ReadonlySet<string> = new Set()) {
    using repository = gitRepository(files);
    const { images } = await repository.open();
    const { steps } = planBuild({ images, targets: ["app"], specs, lookups, rebuild });
    return steps.map((step) => [
      step.kind,
      step.image.name,
      step.kind === "build" ? step.because.kind : step.spec,
      step.neededBy,
    ]);
  }

  it("needs nothing but the target where that is there", async () => {
    expect(await plan(new Map([["app", present]]))).toEqual([["reuse", "app", "r/app:x", []]]);
  });

  it("builds what is not there, in order, on what is there, and what is never published whatever the registry says", async () => {
    expect(
      await plan(
        new Map([
          ["lib", present],
          ["private", present],
        ]),
      ),
    ).toEqual([
      ["build", "base", "absent", ["private"]],
      ["reuse", "lib", "r/lib:x", ["app"]],
      ["build", "private", "not-published", ["app"]],
      ["build", "app", "absent", []],
    ]);
  });

  it("builds what could not be looked up, and what is asked for", async () => {
    const lookups = new Map<string, Lookup>([
      ["app", present],
      ["lib", { kind: "failed", message: "timeout" }],
      ["base", present],
    ]);
    expect(await plan(lookups, new Set(["app"]))).toEqual([
      ["reuse", "base", "r/base:x", ["lib", "private"]],
      ["build", "lib", "lookup-failed", ["app"]],
      ["build", "private", "not-published", ["app"]],
      ["build", "app", "asked-for", []],
    ]);
  });
});
