import { describe, expect, test } from "vitest";
import {
  type ExecOp,
  type FileOp,
  image,
  linux,
  local,
  type Mount,
  marshal,
  type Output,
  type State,
} from "../../../llb/index.ts";
import { parseSettings, type Repository, type Variant, variantOf } from "../../../mzbuild/index.ts";
import {
  type CargoBuildStep,
  type CargoWorld,
  cargoBuildKind,
  declarationOf,
  type PreImageUse,
} from "../../../mzbuild/pre-image/index.ts";
import { cargoFlagsOf } from "../../../mzbuild/settings/settings.ts";
import { rejectionOf } from "../errors.ts";
import { gitRepository, image as imageFiles } from "../git-repository.ts";

const crate = (name: string, dependencies = "") => ({
  [`src/${name}/Cargo.toml`]: `[package]\nname = "${name}"\nversion = "0.1.0"\n\n[dependencies]\n${dependencies}`,
});

const repositoryFiles = {
  "Cargo.toml":
    '[workspace]\nmembers = ["src/app", "src/util", "src/other", "src/native"]\n\n[profile.optimized]\ninherits = "release"\n',
  "Cargo.lock": "version = 4\n",
  ...crate("app", 'util = { path = "../util" }\n\n[features]\nx = []\ny = []\n'),
  "src/app/src/main.rs": "",
  "src/app/examples/load.rs": "",
  ...crate("util"),
  "src/util/src/lib.rs": "",
  ...crate("other"),
  "src/other/src/bin/other.rs": "",
  ...crate("native"),
  "src/native/build.rs": "",
  "src/native/src/main.rs": "",
};

interface Question {
  readonly base?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: Readonly<Record<string, string>>;
  readonly variant?: Partial<Variant>;
  readonly settings?: string;
}

interface Opened {
  readonly repository: Repository;
  readonly uses: readonly PreImageUse<CargoBuildStep>[];
  readonly sources: CargoWorld["sources"];
}

/** Repositories by their files: many tests ask about the same one. */
const opened = new Map<string, Promise<Opened>>();

function open(files: Readonly<Record<string, string>>, images: readonly string[]): Promise<Opened> {
  const key = JSON.stringify(files);
  const found = opened.get(key) ?? openOnce(files, images);
  opened.set(key, found);
  return found;
}

async function openOnce(files: Readonly<Record<string, string>>, images: readonly string[]): Promise<Opened> {
  using git = gitRepository(files);
  const repository = await git.open();
  const uses: PreImageUse<CargoBuildStep>[] = [];
  for (const name of images) {
    const context = await repository.context(name);
    for (const step of context.steps)
      if (step.kind === "cargo-build")
        uses.push({ image: name, declaration: declarationOf(repository.image(name)), context, step });
  }
  return { repository, uses, sources: await repository.cargoSources(uses.map(({ step }) => step.step)) };
}

/** The trees of the images' cargo steps, by image. */
async function compile(question: Question): Promise<ReadonlyMap<string, State>> {
  const { base = repositoryFiles, files = {}, steps, variant = {}, settings = "" } = question;
  const images = Object.entries(steps).map(([name, step]) =>
    imageFiles(name, {
      "mzbuild.yml": `name: ${name}\npre-image:\n  - type: cargo-build\n${step.replace(/^/gm, "    ")}\n`,
    }),
  );
  const { repository, uses, sources } = await open(Object.assign({}, base, files, ...images), Object.keys(steps));
  const made = variantOf(variant, { env: {}, hostArchitecture: "x64" });
  const said = parseSettings(Buffer.from(settings));
  const world: CargoWorld = {
    builder: image("builder:1", { platform: linux("amd64") }).env("PATH", "/bin"),
    builderKey: "builder:1",
    buildArchitecture: "x86_64",
    variant: made,
    repositoryId: "repo",
    workspace: repository.workspace!,
    sources,
    flags: cargoFlagsOf({ ...repository.settings, cargo: said.cargo }, made),
    access: said.cargoAccess,
    files: (paths, purpose) => local("repository", { includePatterns: paths, sharedKeyHint: purpose.what }),
  };
  const trees = cargoBuildKind.compile(uses, world);
  return new Map(uses.map((use, index) => [use.image, trees[index]!]));
}

const fileOp = (state: State | undefined): FileOp => {
  const op = state?.output?.vertex.op;
  if (op?.kind !== "file") throw new Error("not a file op");
  return op;
};

const execOp = (output: Output | undefined): ExecOp => {
  const op = output?.vertex.op;
  if (op?.kind !== "exec") throw new Error("not an exec");
  return op;
};

/** `FROM → TO` of every copy. */
const copies = (state: State | undefined): readonly string[] =>
  fileOp(state).actions.map((action) =>
    action.kind === "copy" ? `${action.from} → ${action.destination}` : action.kind,
  );

/** The vertex that a tree is copied out of. */
function buildOf(state: State | undefined): ExecOp {
  const [action] = fileOp(state).actions;
  if (action?.kind !== "copy" || action.source.kind !== "output") throw new Error("no copy");
  return execOp(action.source.output);
}

const mountAt = (op: ExecOp, target: string): Mount => op.mounts.find((mount) => mount.target === target)!;

function inputAt(op: ExecOp, target: string): Output | undefined {
  const mount = mountAt(op, target);
  return mount.kind === "bind" ? mount.from : undefined;
}

function scriptOf(op: ExecOp): string {
  const script = inputAt(op, "/mzbuild/scripts")?.vertex.op;
  const action = script?.kind === "file" ? script.actions[0] : undefined;
  if (action?.kind !== "mkfile") throw new Error("no script");
  return Buffer.from(action.data).toString();
}

const lineOf = (op: ExecOp, start: string): string | undefined =>
  scriptOf(op)
    .split("\n")
    .find((line) => line.startsWith(start));

const variablesOf = (op: ExecOp): Record<string, string> =>
  Object.fromEntries(op.process.env.map((entry) => entry.split(/=(.*)/s).slice(0, 2)));

function filesOf(output: Output | undefined): readonly string[] {
  const op = output?.vertex.op;
  if (op?.kind !== "source") throw new Error("no source");
  return JSON.parse(op.attrs["local.includepattern"]!);
}

describe("programs of several images", () => {
  test("come out of one run of cargo, with the unions of what the images want, in one order", async () => {
    const trees = await compile({
      steps: {
        two: "bin: [other, app]\nfeatures: app/y",
        one: "bin: app\nexample: load\nfeatures: [app/x, app/y]\nstrip: false",
      },
    });
    const [one, two] = [trees.get("one"), trees.get("two")];
    expect(buildOf(one)).toBe(buildOf(two));
    expect(lineOf(buildOf(one), "compile ")).toBe(
      "compile cargo build --locked --offline --target x86_64-unknown-linux-gnu --profile optimized" +
        " --bin app --bin other --example load --package=app --package=other --features=app/x,app/y",
    );
    expect(copies(one)).toEqual(["/full/app → /app", "/full/examples/load → /examples/load"]);
    expect(copies(two)).toEqual(["/stripped/other → /other", "/stripped/app → /app"]);
  });

  test("are each made in the form that an image wants", async () => {
    const trees = await compile({ steps: { a: "bin: app", b: "bin: app\nstrip: false", c: "bin: app" } });
    const taken = scriptOf(buildOf(trees.get("a")))
      .split("\n")
      .filter((line) => line.startsWith("at_once take_program "));
    expect(taken).toEqual(["at_once take_program full app", "at_once take_program stripped app"]);
  });

  test("marshal to the same bytes every time", async () => {
    const digests = async () => {
      const trees = await compile({ steps: { one: "bin: app", two: "bin: other" } });
      return [...trees.values()].map((tree) => marshal(tree.output).ops.map(({ digest }) => digest));
    };
    expect(await digests()).toEqual(await digests());
  });
});

describe("the build", () => {
  test("sees the sources of what it compiles and the manifests of the rest, and has no network", async () => {
    const build = buildOf((await compile({ steps: { one: "bin: app" } })).get("one"));
    expect(build.network).toBe("none");
    expect(filesOf(inputAt(build, "/mzbuild/sources"))).toEqual([
      "src/app/Cargo.toml",
      "src/app/examples/load.rs",
      "src/app/src/main.rs",
      "src/util/Cargo.toml",
      "src/util/src/lib.rs",
      "Cargo.toml",
      "src/native/Cargo.toml",
      "src/other/Cargo.toml",
      "Cargo.lock",
    ]);
    expect(scriptOf(build)).toContain('add_stubs /mzbuild/sources "" src/native/src/lib.rs src/other/src/lib.rs\n');
  });

  test("leaves nothing in its inputs, and its programs in an output", async () => {
    const build = buildOf((await compile({ steps: { one: "bin: app" } })).get("one"));
    expect(mountAt(build, "/mzbuild/sources")).toMatchObject({ readonly: false, output: false });
    expect(mountAt(build, "/mzbuild/cargo-home")).toMatchObject({ readonly: false, output: false });
    expect(mountAt(build, "/mzbuild/out")).toMatchObject({ from: undefined, output: true });
  });

  test("locks its cache, which no other target, profile, flags or builder shares", async () => {
    const idOf = async (question: Omit<Question, "steps">) => {
      const build = buildOf((await compile({ steps: { one: "bin: app" }, ...question })).get("one"));
      const work = mountAt(build, "/mzbuild/work");
      expect(work).toMatchObject({ kind: "cache", sharing: "locked" });
      return work.kind === "cache" ? work.id : "";
    };
    const ids = await Promise.all([
      idOf({}),
      idOf({ variant: { architecture: "aarch64" } }),
      idOf({ variant: { profile: "dev" } }),
      idOf({ variant: { coverage: true } }),
      idOf({ variant: { sanitizer: "address" } }),
      idOf({ settings: "cargo: { rustflags: [-Cpanic=abort] }" }),
      idOf({ settings: "cargo: { env: { CFLAGS: -O2 } }" }),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await idOf({ files: { "src/app/src/main.rs": "changed" } })).toBe(ids[0]);
  });
});

describe("the dependencies", () => {
  test("depend on manifests and lock file, and on which targets there are, not on sources", async () => {
    const inputs = async (main: string) => {
      const build = buildOf(
        (await compile({ steps: { one: "bin: app" }, files: { "src/app/src/main.rs": main } })).get("one"),
      );
      const dependencies = execOp(inputAt(build, "/mzbuild/dependencies"));
      return {
        files: filesOf(inputAt(dependencies, "/mzbuild/sources")),
        script: scriptOf(dependencies),
        op: dependencies,
      };
    };
    const [a, b] = [await inputs("a"), await inputs("b")];
    expect(a.files.every((path) => /Cargo\.(?:toml|lock)$/.test(path))).toBe(true);
    expect(a.script).toBe(b.script);
    expect(a.script).toContain(
      'add_stubs /mzbuild/sources "fn main() {}" src/app/examples/load.rs src/app/src/main.rs\n',
    );
    expect(a.op.network).toBe("none");
  });

  test("are fetched once for both platforms, by the only vertex with network", async () => {
    const fetchOf = async (architecture: "x86_64" | "aarch64") => {
      const build = buildOf((await compile({ steps: { one: "bin: app" }, variant: { architecture } })).get("one"));
      return { vertex: inputAt(build, "/mzbuild/cargo-home"), build };
    };
    const [intel, arm] = [await fetchOf("x86_64"), await fetchOf("aarch64")];
    const definition = (output: Output | undefined) => marshal(output).ops.map(({ digest }) => digest);
    expect(definition(intel.vertex)).toEqual(definition(arm.vertex));
    const fetch = execOp(intel.vertex);
    expect(fetch.network).toBe("sandbox");
    expect(scriptOf(fetch)).toContain(
      "cargo fetch --locked --target aarch64-unknown-linux-gnu --target x86_64-unknown-linux-gnu\n",
    );
    expect(mountAt(fetch, "/mzbuild/ca.crt")).toMatchObject({ kind: "secret", id: "mzbuild.ca", optional: true });
    expect(intel.build.mounts.filter(({ kind }) => kind === "secret")).toEqual([]);
  });
});

describe("what the settings let cargo reach", () => {
  const stepsOf = async (settings: string) => {
    const build = buildOf((await compile({ steps: { one: "bin: app" }, settings })).get("one"));
    const fetch = execOp(inputAt(build, "/mzbuild/cargo-home"));
    return { build, fetch, dependencies: execOp(inputAt(build, "/mzbuild/dependencies")) };
  };

  test("are secrets and an ssh agent for the fetch, and for no step that runs code of packages", async () => {
    const settings = "cargo: { secrets: { CARGO_REGISTRIES_ACME_TOKEN: acme }, ssh: default }";
    const { fetch, dependencies, build } = await stepsOf(settings);
    expect(fetch.secretEnv).toEqual([{ name: "CARGO_REGISTRIES_ACME_TOKEN", id: "acme", optional: false }]);
    expect(fetch.mounts).toContainEqual(expect.objectContaining({ kind: "ssh", id: "default" }));
    expect(variablesOf(fetch)["SSH_AUTH_SOCK"]).toBe("/mzbuild/ssh-agent");
    for (const step of [dependencies, build]) {
      expect(step).toMatchObject({ secretEnv: [], network: "none" });
      expect(step.mounts.filter(({ kind }) => kind === "ssh" || kind === "secret")).toEqual([]);
    }
  });

  test("is the cache of sccache, by network and secrets that need not be there", async () => {
    const settings = "cargo: { sccache: { env: { SCCACHE_BUCKET: b }, secrets: { AWS_SECRET_ACCESS_KEY: key } } }";
    const { fetch, dependencies, build } = await stepsOf(settings);
    for (const step of [dependencies, build]) {
      expect(step.network).toBe("sandbox");
      expect(step.secretEnv).toEqual([{ name: "AWS_SECRET_ACCESS_KEY", id: "key", optional: true }]);
      expect(variablesOf(step)["SCCACHE_BUCKET"]).toBe("b");
      expect(scriptOf(step).split("\n")).toContain("use_sccache");
    }
    expect(fetch.secretEnv).toEqual([]);
    expect(variablesOf(fetch)["SCCACHE_BUCKET"]).toBeUndefined();
  });

  test("is a cache mount, and no network, where sccache is told of no other place", async () => {
    const { build } = await stepsOf("cargo: { sccache: { env: { SCCACHE_CACHE_SIZE: 20G } } }");
    expect(build.network).toBe("none");
    expect(mountAt(build, "/mzbuild/sccache")).toMatchObject({ kind: "cache", id: "mzbuild/sccache" });
    expect(variablesOf(build)).toMatchObject({ SCCACHE_DIR: "/mzbuild/sccache", SCCACHE_CACHE_SIZE: "20G" });
  });

  test("shares the target directory with a build that reaches nothing", async () => {
    const ids = await Promise.all(
      ["", "cargo: { secrets: { TOKEN: t }, sccache: }"].map(async (settings) => {
        const work = mountAt((await stepsOf(settings)).build, "/mzbuild/work");
        return work.kind === "cache" ? work.id : undefined;
      }),
    );
    expect(ids[0]).toBe(ids[1]);
  });
});

describe("cross compilation", () => {
  test("takes linker, C compiler and binutils of the target", async () => {
    const build = buildOf(
      (await compile({ steps: { one: "bin: app" }, variant: { architecture: "aarch64" } })).get("one"),
    );
    expect(lineOf(build, "default_linker ")).toBe("default_linker aarch64-unknown-linux-gnu aarch64-linux-gnu-gcc");
    expect(lineOf(build, "strip_tool=")).toBe("strip_tool=$(first_of aarch64-linux-gnu-strip llvm-strip)");
    expect(variablesOf(build)).toMatchObject({
      CC_aarch64_unknown_linux_gnu: "aarch64-linux-gnu-gcc",
      AR_aarch64_unknown_linux_gnu: "aarch64-linux-gnu-ar",
    });
    expect(build).toMatchObject({ process: { args: ["/bin/sh", "/mzbuild/scripts/run"] } });
  });

  test("is not what compiling for the machine itself does", async () => {
    const build = buildOf((await compile({ steps: { one: "bin: app" } })).get("one"));
    expect(lineOf(build, "default_linker ")).toBeUndefined();
    expect(Object.keys(variablesOf(build)).filter((name) => name.startsWith("CC_"))).toEqual([]);
  });
});

describe("features", () => {
  const features = async (text: string) => rejectionOf(compile({ steps: { one: `bin: app\nfeatures: ${text}` } }));

  test("that a crate of the workspace doesn't have are an error at their place, with the nearest names", async () => {
    expect(await features("[app/x, app/z]")).toMatchObject({
      code: "unknown-feature",
      message: "app has no feature z",
      at: [{ file: "images/one/mzbuild.yml", start: { line: 5, column: 23 } }],
      hint: 'did you mean "app/x" or "app/y"?',
    });
    expect(await features("w")).toMatchObject({ code: "unknown-feature", hint: "there are: x, y" });
    expect(await features("other/x")).toMatchObject({ hint: "other has no features" });
  });

  test("may be several in a text, optional dependencies, and those of other packages", async () => {
    const optional = {
      "src/other/Cargo.toml": `${crate("other")["src/other/Cargo.toml"]}serde = { version = "1", optional = true }\n`,
    };
    const trees = await compile({
      files: optional,
      steps: { one: 'bin: [app, other]\nfeatures: ["x app/y,other/serde", serde/derive, default, "util?/x"]' },
    });
    expect(lineOf(buildOf(trees.get("one")), "compile ")).toContain("serde/derive");
  });
});

describe("a lock file", () => {
  const locked = (name: string, dependencies: readonly string[] = [], version = "0.1.0") =>
    `[[package]]\nname = "${name}"\nversion = "${version}"\n${dependencies.length === 0 ? "" : `dependencies = [\n${dependencies.map((each) => ` "${each}",\n`).join("")}]\n`}\n`;
  const whole = [
    locked("app", ["util"]),
    locked("util"),
    locked("other", ["serde 1.0.0 (registry+x)"]),
    locked("native"),
  ];
  const serde = `[[package]]\nname = "serde"\nversion = "1.0.0"\nsource = "registry+x"\n\n`;
  const other = {
    "src/other/Cargo.toml": `${crate("other")["src/other/Cargo.toml"]}ser = { package = "serde", version = "1" }\n`,
  };
  const check = async (packages: readonly string[], files: Readonly<Record<string, string>> = other) =>
    compile({
      steps: { one: "bin: app" },
      files: { "Cargo.lock": `version = 4\n\n${serde}${packages.join("")}`, ...files },
    });

  test("that fits the manifests is fine", async () => {
    expect((await check(whole)).size).toBe(1);
  });

  test.each<[string, readonly string[], Readonly<Record<string, string>>, string, string, number]>([
    ["lacks a crate", whole.slice(1), other, "Cargo.lock has no app, which is a crate of the workspace", "app", 2],
    [
      "has a crate at another version",
      [locked("app", ["util"], "0.2.0"), ...whole.slice(1)],
      other,
      "Cargo.lock has app at 0.2.0, and its manifest is at 0.1.0",
      "app",
      3,
    ],
    [
      "doesn't know of a dependency, of whatever platform",
      whole,
      {
        ...other,
        "src/native/Cargo.toml": `${crate("native")["src/native/Cargo.toml"]}\n[target."cfg(windows)".dependencies]\nlog = "1"\n`,
      },
      "Cargo.lock doesn't know that native depends on log",
      "native",
      8,
    ],
  ])(
    "that %s is an error where the manifest says so, before anything runs",
    async (_, packages, files, message, crate, line) => {
      expect(await rejectionOf(check(packages, files))).toMatchObject({
        code: "lock-out-of-date",
        message,
        at: [{ file: `src/${crate}/Cargo.toml`, start: { line } }],
        hint: expect.stringContaining("cargo update --workspace"),
      });
    },
  );
});

describe("a step that fails", () => {
  test("knows the places of all names that it was made from, in every mzbuild.yml", async () => {
    const trees = await compile({
      steps: { one: "bin: app\nextract: { native: { a/b: c } }", two: "example: load\nbin: native" },
    });
    const { metadata, source } = marshal(trees.get("one")!.output);
    const isBuild = (name: string | undefined) => name?.startsWith("[cargo] build app") ?? false;
    const [build] = [...metadata].find(([, { description }]) => isBuild(description["llb.customname"]))!;
    const places = source.locations.get(build)!.flatMap(({ sourceIndex, ranges }) =>
      ranges.map(({ start, end }) => {
        const { filename, data } = source.infos[sourceIndex]!;
        return `${filename}: ${Buffer.from(data).toString().split("\n")[start.line - 1]?.slice(start.character, end.character)}`;
      }),
    );
    expect(places).toEqual([
      ...["app", "native", "a/b"].map((name) => `images/one/mzbuild.yml: ${name}`),
      ...["native", "load"].map((name) => `images/two/mzbuild.yml: ${name}`),
    ]);
  });
});

describe("flags", () => {
  const flagsOf = async (question: Omit<Question, "steps">) => {
    const build = buildOf((await compile({ steps: { one: "bin: app" }, ...question })).get("one"));
    return { rustflags: variablesOf(build)["RUSTFLAGS"], command: lineOf(build, "compile "), script: scriptOf(build) };
  };

  test("are left to cargo's own configuration where nothing sets them", async () => {
    expect((await flagsOf({})).rustflags).toBeUndefined();
  });

  test("of the settings come after what a variant needs, which settings can replace", async () => {
    const settings = "cargo: { rustflags: [-Cforce-frame-pointers], coverage: { rustflags: [-Cinstrument-coverage] } }";
    expect((await flagsOf({ variant: { coverage: true } })).rustflags).toBe(
      "-Cinstrument-coverage -Cllvm-args=-runtime-counter-relocation",
    );
    expect((await flagsOf({ variant: { coverage: true }, settings })).rustflags).toBe(
      "-Cforce-frame-pointers -Cinstrument-coverage",
    );
  });

  test("of a sanitizer leave out default features and spare processors", async () => {
    const { rustflags, command, script } = await flagsOf({ variant: { sanitizer: "address" } });
    expect(rustflags).toBe("-Zsanitizer=address");
    expect(command).toContain(" --no-default-features");
    expect(script).toContain("export CARGO_BUILD_JOBS=");
  });

  test.each([
    [
      "dev",
      "compile cargo build --locked --offline --target x86_64-unknown-linux-gnu --bin app --package=app",
      "debug",
    ],
    [
      "release",
      "compile cargo build --locked --offline --target x86_64-unknown-linux-gnu --release --bin app --package=app",
      "release",
    ],
  ] as const)("of the profile %s are cargo's", async (profile, command, directory) => {
    const made = await flagsOf({ variant: { profile } });
    expect(made.command).toBe(command);
    expect(made.script).toContain(`built=/mzbuild/work/target/x86_64-unknown-linux-gnu/${directory}\n`);
  });
});

describe("extracts", () => {
  test("go under the destination's name, or into the directory that is there", async () => {
    const steps = {
      one: "bin: native\nextract:\n  native:\n    gen: copied\n    ../sub/gen.txt: data\n    gen2/: deep/er/name\n    .: all\n",
    };
    const trees = await compile({ steps, files: { "images/one/data/here": "" } });
    expect(copies(trees.get("one")).slice(1)).toEqual([
      "/extract/0 → /",
      "/extract/1 → /data",
      "/extract/2 → /deep/er",
      "/extract/3 → /all",
    ]);
    const taken = scriptOf(buildOf(trees.get("one")))
      .split("\n")
      .filter((line) => line.startsWith("take_extract "));
    expect(taken).toEqual([
      "take_extract 0 native gen copied",
      "take_extract 1 native ../sub/gen.txt gen.txt",
      "take_extract 2 native gen2 name",
      "take_extract 3 native . .",
    ]);
  });

  test("of a crate without a build script are an error where the package is named", async () => {
    const error = await rejectionOf(compile({ steps: { one: "bin: app\nextract: { app: { a: b } }" } }));
    expect(error).toMatchObject({
      code: "missing-build-script",
      at: [{ file: "images/one/mzbuild.yml", start: { line: 5, column: 16 } }],
    });
  });
});

describe("a workspace", () => {
  test("with a dependency outside of the repository is an error where it is named", async () => {
    const files = crate("util", 'far = { path = "../../../far" }\n');
    const error = await rejectionOf(compile({ steps: { one: "bin: app" }, files }));
    expect(error).toMatchObject({ code: "crate-outside", at: [{ file: "src/util/Cargo.toml", start: { line: 6 } }] });
  });

  test.each(["/far", "../../../far"])("with a shared dependency at %s is an error where it is named", async (path) => {
    const shared = `${repositoryFiles["Cargo.toml"]}\n[workspace.dependencies]\nfar = { path = "${path}" }\n`;
    const files = { "Cargo.toml": shared, ...crate("util", "far = { workspace = true }\n") };
    const error = await rejectionOf(compile({ steps: { one: "bin: app" }, files }));
    expect(error).toMatchObject({ code: "crate-outside", at: [{ file: "Cargo.toml", start: { line: 8 } }] });
  });

  test("with a dependency at an absolute path is an error, too", async () => {
    const error = await rejectionOf(
      compile({ steps: { one: "bin: app" }, files: crate("util", 'far = { path = "/far" }\n') }),
    );
    expect(error).toMatchObject({ code: "crate-outside", at: [{ file: "src/util/Cargo.toml", start: { line: 6 } }] });
  });

  test("with a member that is a symbolic link is an error at the member", async () => {
    const others = Object.entries(repositoryFiles).filter(([path]) => !path.startsWith("src/util/"));
    const elsewhere = { "elsewhere/Cargo.toml": '[package]\nname = "util"\nversion = "0.1.0"\n' };
    const files = { ...Object.fromEntries(others), ...elsewhere, "src/util": "-> ../elsewhere" };
    const error = await rejectionOf(compile({ steps: { one: "bin: app" }, base: files }));
    expect(error).toMatchObject({ code: "crate-not-listed", at: [{ file: "Cargo.toml", start: { line: 2 } }] });
  });

  test("with a program in the crate at the root is an error, since no fingerprint would cover it", async () => {
    const base = {
      "Cargo.toml": `[package]\nname = "top"\nversion = "1.0.0"\n\n[workspace]\nmembers = ["."]\n\n[profile.optimized]\n`,
    };
    const files = { "Cargo.lock": "version = 4\n", "src/main.rs": "" };
    const error = await rejectionOf(compile({ steps: { one: "bin: top" }, base, files }));
    expect(error).toMatchObject({ code: "root-crate", at: [{ file: "Cargo.toml", start: { line: 2 } }] });
  });

  test("that replaces a dependency by a directory is an error", async () => {
    const files = {
      "Cargo.toml": `${repositoryFiles["Cargo.toml"]}\n[patch.crates-io]\nserde = { path = "src/util" }\n`,
    };
    const error = await rejectionOf(compile({ steps: { one: "bin: app" }, files }));
    expect(error).toMatchObject({ code: "path-patch", at: [{ file: "Cargo.toml" }] });
  });

  test("without the profile that is asked for is an error before anything runs", async () => {
    const files = { "Cargo.toml": '[workspace]\nmembers = ["src/app", "src/util", "src/other", "src/native"]\n' };
    const error = await rejectionOf(compile({ steps: { one: "bin: app" }, files }));
    expect(error).toMatchObject({ code: "missing-profile", hint: expect.stringContaining("profile.optimized") });
  });
});
