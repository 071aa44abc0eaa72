import { describe, expect, test } from "vitest";
import { marshal } from "../../../../llb/index.ts";
import { rejectionOf } from "../../errors.ts";
import { buildOf, compile, crate, lineOf, repositoryFiles } from "./compiled-steps.ts";

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
