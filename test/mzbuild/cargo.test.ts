import { describe, expect, it } from "vitest";
import type { CargoBuildPreImage, Variant } from "../../mzbuild/index.ts";
import { rejectionOf } from "./errors.ts";
import { type GitRepository, gitRepository, image } from "./git-repository.ts";

const VARIANT: Variant = { profile: "dev", architecture: "x86_64", coverage: false, sanitizer: "none" };

const crate = (name: string, rest = "") => `[package]\nname = "${name}"\nversion = "0.1.0"\n${rest}`;
const workspace = (members: readonly string[], rest = "") =>
  `[workspace]\nmembers = ${JSON.stringify(members)}\n${rest}`;
const cargoImage = (name: string, step: string) =>
  image(name, { "mzbuild.yml": `name: ${name}\npre-image:\n- {type: cargo-build, ${step}}\n` });

/** Inputs of image `i` besides its own files and the root's. */
async function crateInputs(repository: GitRepository): Promise<readonly string[]> {
  const inputs = await (await repository.open()).inputs("i");
  return inputs.filter((path) => !path.startsWith("images/") && !["Cargo.toml", "Cargo.lock"].includes(path));
}

describe("targets", () => {
  const targets: readonly (readonly [what: string, files: Record<string, string>, step: string])[] = [
    ["src/main.rs makes the package's name", { "src/main.rs": "" }, "bin: a"],
    ["src/bin/X.rs makes X", { "src/bin/x.y.rs": "" }, "bin: x.y"],
    ["src/bin/X/main.rs makes X without its extension", { "src/bin/x.y/main.rs": "" }, "bin: x"],
    ["[[bin]] makes its name", { "Cargo.toml": crate("a", '[[bin]]\nname = "x"\npath = "x.rs"\n') }, "bin: x"],
    [
      "autobins = false leaves only what is declared",
      { "Cargo.toml": crate("a", 'autobins = false\n[[bin]]\nname = "x"\n'), "src/bin/x.rs": "" },
      "bin: x",
    ],
    ["examples/X.rs makes an example", { "examples/x.rs": "" }, "example: x"],
    ["examples/X/main.rs makes an example", { "examples/x/main.rs": "" }, "example: x"],
  ];

  it.each(targets)("are found: %s", async (_, files, step) => {
    const inCrate = Object.fromEntries(Object.entries(files).map(([path, content]) => [`a/${path}`, content]));
    using repository = gitRepository({
      "a/Cargo.toml": crate("a"),
      ...inCrate,
      "Cargo.toml": workspace(["a"]),
      "Cargo.lock": "",
      ...cargoImage("i", step),
    });
    expect(await crateInputs(repository)).toContain("a/Cargo.toml");
  });

  it("that nothing has are an error with the nearest names", async () => {
    using repository = gitRepository({
      "Cargo.toml": workspace(["a"]),
      "a/Cargo.toml": crate("a"),
      "a/src/bin/billing-demo.rs": "",
      ...cargoImage("i", "bin: [billing-dmeo]"),
    });
    const error = await rejectionOf(crateInputs(repository));
    expect([error.code, error.message]).toEqual([
      "unknown-target",
      "bin billing-dmeo does not exist in cargo workspace",
    ]);
    expect(error.hint).toBe('did you mean "billing-demo"?');
    expect(error.at[0]).toMatchObject({ file: "images/i/mzbuild.yml", start: { line: 3, column: 29 } });
  });

  it("that two crates have, or one has twice, are an error that says where", async () => {
    using repository = gitRepository({
      "Cargo.toml": workspace(["a", "b"]),
      "a/Cargo.toml": crate("a", '[[bin]]\nname = "x"\n'),
      "a/src/bin/x.rs": "",
      "b/Cargo.toml": crate("b"),
      "b/src/bin/y.rs": "",
      "a/src/bin/y.rs": "",
      ...cargoImage("i", "bin: x"),
      ...cargoImage("j", "bin: y"),
    });
    const opened = await repository.open();
    const twice = await rejectionOf(opened.inputs("i"));
    expect([twice.code, twice.message]).toEqual([
      "ambiguous-target",
      "bin x appears more than once in cargo workspace",
    ]);
    expect(twice.hint).toContain("autobins = false");
    expect(twice.at[1]).toMatchObject({ file: "a/Cargo.toml", start: { line: 5, column: 9 } });
    expect((await rejectionOf(opened.inputs("j"))).hint).toBe(
      "it is in a (a/Cargo.toml) and in b (b/Cargo.toml): rename one",
    );
  });
});

describe("the workspace", () => {
  it.each([
    [{ "Cargo.toml": "[package]\nname = 'x'\n" }, "bad-cargo-manifest", "Cargo.toml has no [workspace]", 1],
    [{ "Cargo.toml": "[workspace]\n" }, "bad-cargo-manifest", "the [workspace] of Cargo.toml has no members", 1],
    [
      { "Cargo.toml": workspace(["x", "nope"]), "x/Cargo.toml": crate("x") },
      "missing-file",
      "nope/Cargo.toml not found",
      2,
    ],
    [
      { "Cargo.toml": workspace(["x"]), "x/Cargo.toml": "[package]\nname = 'x'\n" },
      "bad-cargo-manifest",
      "x/Cargo.toml has no package.version",
      1,
    ],
    [
      { "Cargo.toml": workspace(["x"]), "x/Cargo.toml": "[lib]\n" },
      "bad-cargo-manifest",
      "x/Cargo.toml has no package.name",
      1,
    ],
  ])("%j is broken for every command", async (files, code, message, line) => {
    using repository = gitRepository(files);
    const error = await rejectionOf(repository.open());
    expect([error.code, error.message, error.at[0]?.start.line]).toEqual([code, message, line]);
  });

  it("shows where a manifest is no TOML", async () => {
    using repository = gitRepository({ "Cargo.toml": "[workspace]\nmembers = [\n" });
    const error = await rejectionOf(repository.open());
    expect([error.code, error.at[0]?.file, error.at[0]?.start.line]).toEqual(["bad-toml", "Cargo.toml", 3]);
  });

  it("may name members by wildcards, which stand for the directories with a manifest", async () => {
    using repository = gitRepository({
      "Cargo.toml": workspace(["./crates/*/", "tools/x-?"]),
      "crates/b/Cargo.toml": crate("b"),
      "crates/a/Cargo.toml": crate("a"),
      "crates/README.md": "",
      "crates/none/x": "",
      "tools/x-1/Cargo.toml": crate("x"),
      "tools/y-1/Cargo.toml": crate("y"),
    });
    expect([...(await repository.open()).workspace!.members.keys()]).toEqual(["a", "b", "x"]);
  });

  it("excludes the crates below the entries that end in a star, and nothing else", async () => {
    using repository = gitRepository({
      "Cargo.toml": workspace(["a"], 'exclude = ["a/vendor/*", "a/other", "missing/*"]\n'),
      "a/Cargo.toml": crate("a"),
      "a/src/main.rs": "",
      "a/vendor/v/Cargo.toml": crate("v"),
      "a/vendor/plain/file": "",
      "a/other/Cargo.toml": crate("other"),
      "Cargo.lock": "",
      ...cargoImage("i", "bin: a"),
    });
    expect(await crateInputs(repository)).toEqual([
      "a/Cargo.toml",
      "a/other/Cargo.toml",
      "a/src/main.rs",
      "a/vendor/plain/file",
    ]);
  });

  it("needs a lock file once a program is wanted", async () => {
    using repository = gitRepository({
      "Cargo.toml": workspace(["a"]),
      "a/Cargo.toml": crate("a"),
      "a/src/main.rs": "",
      ...cargoImage("i", "bin: a"),
    });
    const opened = await repository.open();
    for (const error of [
      await rejectionOf(opened.inputs("i")),
      await rejectionOf(opened.fingerprints(["i"], VARIANT)),
    ]) {
      expect([error.code, error.message]).toEqual(["missing-file", "Cargo.lock not found; it is an input of image i"]);
      expect(error.hint).toContain("cargo generate-lockfile");
    }
  });

  it("counts its lock file and .cargo/config even where they are ignored", async () => {
    using repository = gitRepository({
      "Cargo.toml": workspace(["a"]),
      "a/Cargo.toml": crate("a"),
      "a/src/main.rs": "",
      "Cargo.lock": "",
      ".cargo/config": "",
      ".cargo/config.toml": "",
      ".gitignore": "Cargo.lock\n.cargo\n",
      ...cargoImage("i", "bin: a"),
    });
    expect(await (await repository.open()).inputs("i")).toEqual([
      ".cargo/config",
      "Cargo.lock",
      "Cargo.toml",
      "a/Cargo.toml",
      "a/src/main.rs",
      "images/i/Dockerfile",
      "images/i/mzbuild.yml",
    ]);
  });
});

describe("the closure", () => {
  const files = {
    "Cargo.toml": workspace(
      ["a", "by-name", "inherited", "windows", "dev", "dev-dev"],
      '[workspace.dependencies]\ninherited = { path = "inherited" }\n',
    ),
    "Cargo.lock": "",
    "a/Cargo.toml": crate(
      "a",
      `[dependencies]
alias = { path = "wherever", package = "by-name" }
inherited = { workspace = true }
serde = { version = "1" }
[target.'cfg(windows)'.dependencies]
windows = { path = "../windows" }
[dev-dependencies]
dev = { path = "../dev" }
`,
    ),
    "a/src/main.rs": "",
    "a/examples/e.rs": "",
    "by-name/Cargo.toml": crate("by-name"),
    "inherited/Cargo.toml": crate("inherited"),
    "windows/Cargo.toml": crate("windows"),
    "dev/Cargo.toml": crate(
      "dev",
      '[dependencies]\na = { path = "../a" }\n[dev-dependencies]\ndev-dev = { path = "../dev-dev" }\n',
    ),
    "dev-dev/Cargo.toml": crate("dev-dev"),
  };

  it("follows names of path dependencies, and nothing else", async () => {
    using repository = gitRepository({ ...files, ...cargoImage("i", "bin: a") });
    expect(await crateInputs(repository)).toEqual([
      "a/Cargo.toml",
      "a/examples/e.rs",
      "a/src/main.rs",
      "by-name/Cargo.toml",
    ]);
  });

  it("of an example has its crate's own dev-dependencies, and no others", async () => {
    using repository = gitRepository({ ...files, ...cargoImage("i", "example: e") });
    expect(await crateInputs(repository)).toContain("dev/Cargo.toml");
    expect(await crateInputs(repository)).not.toContain("dev-dev/Cargo.toml");
  });

  it("is what Cargo follows where the settings speak of Cargo, with what configures the build", async () => {
    const paths = { "a/Cargo.toml": files["a/Cargo.toml"].replace("wherever", "../by-name") };
    using repository = gitRepository({
      ...files,
      ...paths,
      "mzbuild-settings.yml": "cargo: {inputs: ['*.proto']}\n",
      "rust-toolchain.toml": "",
      ".cargo/config.toml": "",
      "x/y.proto": "",
      ...cargoImage("i", "bin: a"),
    });
    expect(await crateInputs(repository)).toEqual([
      ".cargo/config.toml",
      "a/Cargo.toml",
      "a/examples/e.rs",
      "a/src/main.rs",
      "by-name/Cargo.toml",
      "inherited/Cargo.toml",
      "rust-toolchain.toml",
      "windows/Cargo.toml",
      "x/y.proto",
    ]);
  });

  it("refuses a path dependency on a crate that is no member, at its line", async () => {
    using repository = gitRepository({
      "Cargo.toml": workspace(["a"]),
      "Cargo.lock": "",
      "a/Cargo.toml": crate("a", '[dependencies]\noutside = { path = "../outside" }\n'),
      "a/src/main.rs": "",
      "outside/Cargo.toml": crate("outside"),
      ...cargoImage("i", "bin: a"),
    });
    const error = await rejectionOf(crateInputs(repository));
    expect([error.code, error.message]).toEqual([
      "unknown-crate",
      "a depends on crate outside, which is no member of the workspace",
    ]);
    expect(error.at[0]).toMatchObject({ file: "a/Cargo.toml", start: { line: 5, column: 1 } });
  });

  it("gives Cargo the sources that it compiles and the manifests of all that it loads", async () => {
    using repository = gitRepository({
      ...files,
      "a/Cargo.toml": files["a/Cargo.toml"].replace("wherever", "../by-name"),
      ".cargo/config.toml": "",
      "mzbuild-settings.yml": "cargo: {inputs: ['*.proto']}\n",
      "x/y.proto": "",
      "x/y.txt": "",
      ...cargoImage("i", "bin: a"),
    });
    const opened = await repository.open();
    const steps = opened.image("i").preImages.filter((step): step is CargoBuildPreImage => step.kind === "cargo-build");
    const sources = await opened.cargoSources(steps);
    expect(sources.files).toEqual([
      "a/Cargo.toml",
      "a/examples/e.rs",
      "a/src/main.rs",
      "by-name/Cargo.toml",
      "inherited/Cargo.toml",
      "windows/Cargo.toml",
      "x/y.proto",
    ]);
    expect(sources.packages).toEqual(["a"]);
    expect(sources.configuration).toEqual([".cargo/config.toml", "Cargo.lock"]);
    expect(sources.compiled.map(({ name }) => name)).toEqual(["a", "by-name", "inherited", "windows"]);
    expect(sources.loaded.map(({ name }) => name)).toEqual(["dev", "dev-dev"]);
    expect(sources.manifests).toEqual([
      "Cargo.toml",
      ...["a", "by-name", "dev", "dev-dev", "inherited", "windows"].map((name) => `${name}/Cargo.toml`),
    ]);
  });

  it("gives Cargo what links among the sources lead to, however far", async () => {
    using repository = gitRepository({
      ...files,
      "a/Cargo.toml": files["a/Cargo.toml"].replace("wherever", "../by-name"),
      "a/src/notes.txt": "-> ../../docs/notes.txt",
      "docs/notes.txt": "-> ../misc/notes.txt",
      "misc/notes.txt": "far away",
      ...cargoImage("i", "bin: a"),
    });
    const opened = await repository.open();
    const steps = opened.image("i").preImages.filter((step): step is CargoBuildPreImage => step.kind === "cargo-build");
    const before = (await opened.cargoSources(steps)).files;
    expect(before).toEqual(expect.arrayContaining(["a/src/notes.txt", "docs/notes.txt", "misc/notes.txt"]));
    // What fingerprints have found out of files is used.
    await opened.fingerprints(["i"], VARIANT);
    expect((await opened.cargoSources(steps)).files).toEqual(before);
  });
});

describe("the builder", () => {
  const files = {
    "Cargo.toml": workspace(["a"]),
    "Cargo.lock": "",
    "a/Cargo.toml": crate("a"),
    "a/src/main.rs": "",
    ...cargoImage("i", "bin: a"),
  };
  const fingerprint = async (repository: GitRepository) =>
    (await (await repository.open()).fingerprints(["i"], VARIANT)).get("i");

  it("that is an image of the repository makes its inputs those of every program", async () => {
    using repository = gitRepository({
      ...files,
      ...image("base"),
      ...image("rust", { Dockerfile: "MZFROM base\n" }),
      "mzbuild-settings.yml": "builder: rust\n",
    });
    const opened = await repository.open();
    expect(await opened.inputs("i")).toEqual(
      expect.arrayContaining(["images/rust/Dockerfile", "images/base/Dockerfile"]),
    );
    expect(opened.builderImage?.name).toBe("rust");
  });

  it("that is another image, and flags, enter the fingerprint of programs", async () => {
    using repository = gitRepository({ ...files });
    const prints = [await fingerprint(repository)];
    for (const settings of [
      "registry: r\n",
      "builder: rust:1.90\n",
      "builder: rust:1.91\n",
      "cargo: {rustflags: [-O]}\n",
      "cargo: {target: {aarch64: {rustflags: [-O]}}}\n",
      "cargo: {secrets: {CARGO_REGISTRIES_ACME_TOKEN: acme}, ssh: default, sccache: {env: {SCCACHE_BUCKET: b}}}\n",
    ]) {
      repository.write({ "mzbuild-settings.yml": settings });
      prints.push(await fingerprint(repository));
    }
    const [none, registry, one, two, flags, otherTarget, access] = prints;
    expect(registry).toBe(none);
    expect(otherTarget).toBe(none);
    expect(access).toBe(none);
    expect(new Set([none, one, two, flags]).size).toBe(4);
  });

  it("cannot be a program of the workspace itself", async () => {
    using repository = gitRepository({ ...files, "mzbuild-settings.yml": "builder: i\n" });
    const error = await rejectionOf(fingerprint(repository));
    expect([error.code, error.message]).toEqual([
      "builder-cycle",
      "the builder i needs itself: i has a cargo-build step",
    ]);
  });
});
