import { describe, expect, test } from "vitest";
import { marshal, type Output } from "../../../llb/index.ts";
import { rejectionOf } from "../errors.ts";
import {
  buildOf,
  compile,
  copies,
  execOp,
  filesOf,
  inputAt,
  lineOf,
  mountAt,
  type Question,
  scriptOf,
  variablesOf,
} from "./cargo-build/compiled-steps.ts";

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
