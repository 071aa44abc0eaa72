// What fails while cargo runs, each on the real toolchain.
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { type CargoBuild, compiled } from "./cargo-builds.ts";
import { eachWithWorkshop, failureOf, imageOf, otherArchitecture, small } from "./cargo-workshop.ts";
import { commandLine, edit, tourRepository } from "./mzimage.ts";

const workshop = eachWithWorkshop();

/** Builds the image `two`, which must fail. */
async function failing(
  files: Readonly<Record<string, string>>,
  options: Partial<CargoBuild> & { image?: string } = {},
) {
  const { image = "two", ...rest } = options;
  const outcome = await workshop().build(workshop().checkout("work", { ...small, ...files }), [image], rest);
  expect(outcome.failure).toBeDefined();
  return { ...outcome.failure, ...failureOf(outcome), outcome };
}

/** The builder after a command. */
const changed = (command: string) => workshop().engine.builder.run(["/bin/sh", "-c", command]).root;

describe("a failure says what to do", () => {
  test("in the sources: the compiler's words, and cargo's exit code", async () => {
    const { code, names, outcome, exitCode } = await failing({ "src/two/src/main.rs": "fn main() { nonsense }\n" });
    expect(outcome.log).toContain("cannot find value `nonsense`");
    expect([code, names, exitCode]).toEqual(["cargo-failed", ["two"], 101]);
  });

  test("a lock file that has more than the manifests, which only cargo can tell", async () => {
    const { code, help, outcome } = await failing({
      "Cargo.lock": `${small["Cargo.lock"]}dependencies = [\n "lib",\n]\n`,
    });
    expect([code, help]).toEqual(["lock-out-of-date", expect.stringContaining("cargo update --workspace")]);
    expect(compiled(outcome)).toEqual([]);
  });

  test("a toolchain without the target, before anything of the repository is compiled", async () => {
    const remove = `dir=$(rustc --print sysroot)/lib/rustlib/${otherArchitecture}-unknown-linux-gnu; [ -d "$dir" ] && rm -r "$dir"`;
    const { code, message, help, outcome } = await failing(
      { "src/two/src/main.rs": "nonsense" },
      { builder: changed(remove), variants: [{ architecture: otherArchitecture }] },
    );
    expect(code).toBe("missing-target");
    expect(message).toMatch(/rustc 1\..* has no standard library for .*-unknown-linux-gnu$/);
    expect(help).toContain("rustup target add");
    expect(outcome.vertices.map(({ name, error }) => error !== "" && name).filter(Boolean)).toEqual([
      expect.stringMatching(/^\[cargo\] build dependencies /),
    ]);
  });

  test("a builder without the linker of the other platform", async () => {
    const remove = `rm "$(command -v ${otherArchitecture}-linux-gnu-gcc)"`;
    const { code, names } = await failing(
      {},
      { builder: changed(remove), variants: [{ architecture: otherArchitecture }] },
    );
    expect([code, names]).toEqual(["missing-linker", [`${otherArchitecture}-linux-gnu-gcc`]]);
  });

  test.each([
    [
      "a package that has no build script in this build",
      "nothing: { a: b }",
      "missing-build-script",
      ["nothing"],
      /^those of .*: lib$/,
    ],
    [
      "a file that the build script did not leave",
      "lib: { a: b }",
      "missing-extract",
      ["lib", "a"],
      /^it left: given$/,
    ],
  ])("an extract of %s", async (_, extract, code, names, help) => {
    const leaves = small["src/lib/build.rs"]!.replace(
      /}\n$/,
      '    std::fs::write(std::env::var("OUT_DIR").unwrap() + "/given", "").unwrap();\n}\n',
    );
    const files = { "src/lib/build.rs": leaves, ...imageOf("one", `    extract: { ${extract} }\n`) };
    expect(await failing(files, { image: "one" })).toMatchObject({ code, names, help: expect.stringMatching(help) });
  });

  test("a builder without cargo", async () => {
    const { code, message } = await failing({}, { builder: workshop().engine.bare });
    expect([code, message]).toEqual(["builder-without-cargo", expect.stringContaining("no cargo in its PATH")]);
  });

  test("a rust-toolchain file that names another toolchain than the builder has", async () => {
    const file = { "rust-toolchain.toml": '[toolchain]\nchannel = "1.66.0"\n' };
    const { code, message, help, outcome } = await failing(file);
    expect([code, message]).toEqual(["toolchain-differs", expect.stringMatching(/names 1\.66\.0, .* has rustc 1\./)]);
    expect(help).toContain("RUSTUP_TOOLCHAIN");
    expect(compiled(outcome)).toEqual([]);
  });

  test("a compiler that is killed", async () => {
    // Signal 9 is what the kernel sends when memory runs out.
    const wrapper = '#!/bin/sh\ncase "$*" in *"--crate-name two "*) kill -9 $$ ;; esac\nexec "$@"\n';
    const env = { RUSTC_WRAPPER: "/mzbuild/work/source/src/two/wrapper" };
    const { code, names, help } = await failing({ "src/two/wrapper": wrapper }, { env });
    expect([code, names]).toEqual(["out-of-memory", ["two"]]);
    expect(help).toContain("CARGO_BUILD_JOBS");
  });
});

test("the command shows the line of mzbuild.yml that a failure is about, and says what to do", async () => {
  using cli = await commandLine();
  using repository = tourRepository();
  edit(
    repository,
    "src/billing-demo/ci/mzbuild.yml",
    /$/,
    "    extract:\n      rates: { plans.txt: share/plans.txt }\n",
  );
  const { exitCode, stderr } = await cli.run(repository.root, ["build", "--progress=plain", "--dev", "billing-demo"]);
  expect(exitCode).toBe(1);
  expect(stripVTControlCharacters(stderr)).toMatch(
    /^error: extract: the build script of `rates` left no `plans.txt` in its output directory\n {3}--> src\/billing-demo\/ci\/mzbuild.yml:\d+:16\n {4}\|\n(?:.*\|.*\n)+ +\| +\^{9}\n {2}= it left: plans.rs\n$/m,
  );
});

describe("a compiler that crashes", () => {
  test("twice, is reported with what it was computing", async () => {
    // rustc's own switch for it: the first error is taken for a defect.
    const env = { RUSTC_BOOTSTRAP: "1", RUSTFLAGS: "-Ztreat-err-as-bug=1" };
    const { code, names, help, exitCode, outcome } = await failing(
      { "src/two/src/main.rs": "fn main() { let x: u8 = true; }\n" },
      { env },
    );
    expect(exitCode).toBe(101);
    expect([code, names]).toEqual(["compiler-crashed", ["two"]]);
    expect(help).toMatch(/defect of rustc, rustc 1\..*query stack/);
    const [, end = ""] = outcome.log.split("trying again from a clean state of: two");
    expect(end).toContain("internal compiler error");
    expect(end.slice(end.lastIndexOf("query stack during panic"))).toMatch(/#0 \[typeck\] .*main/);
  });

  test("once, gets a second chance, and only the crate is compiled again", async () => {
    const wrapper = `#!/bin/sh
case "$*" in *"--crate-name one "*)
  mkdir /mzbuild/work/crashed 2>/dev/null && exec "$@" -Ztreat-err-as-bug=1 --cfg crash ;;
esac
exec "$@"
`;
    const main = '#[cfg(crash)]\nfn no() -> u8 { true }\nfn main() { println!("one {}", lib::text()) }\n';
    const git = workshop().checkout("work", { ...small, "src/one/wrapper": wrapper, "src/one/src/main.rs": main });
    const env = { RUSTC_BOOTSTRAP: "1", RUSTC_WRAPPER: "/mzbuild/work/source/src/one/wrapper" };
    const outcome = await workshop().built(git, ["one"], { env });
    const [before = "", after] = outcome.log.split(
      "mzbuild: the compiler crashed; trying again from a clean state of: one",
    );
    expect(before).toContain("internal compiler error");
    expect(compiled({ ...outcome, log: after ?? "" })).toEqual(["one"]);
    expect(workshop().run("one")).toBe("one lib A first note\n");
  });
});
