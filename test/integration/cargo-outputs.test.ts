// What is taken out of a build, and in which form: by the tools of the target's own toolchain, without running anything of it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bindMount, local, type State } from "../../llb/index.ts";
import { solveState } from "./cargo-builds.ts";
import { architecture, eachWithWorkshop, imageOf, otherArchitecture, small } from "./cargo-workshop.ts";

const workshop = eachWithWorkshop();

/** Names of the sections of a program. */
function sectionsOf(path: string): readonly string[] {
  const listing = execFileSync("readelf", ["--section-headers", "--wide", path], { encoding: "utf8" });
  return [...listing.matchAll(/^ *\[ *\d+\] (\S+)/gm)].map(([, name]) => name ?? "");
}

function machineOf(path: string): string | undefined {
  return /Machine: +(.*)/.exec(execFileSync("readelf", ["--file-header", path], { encoding: "utf8" }))?.[1];
}

const machines = { x86_64: "Advanced Micro Devices X86-64", aarch64: "AArch64" } as const;
const platforms = [{ architecture }, { architecture: otherArchitecture }] as const;

describe("a program", () => {
  test("is stripped of debug information, or keeps all but two sections of it, on both platforms", async () => {
    // The compilers of today make no such section of their own accord.
    const main = ["pubnames", "pubtypes"].map(
      (name) =>
        `#[used]\n#[unsafe(link_section = ".debug_${name}")]\nstatic ${name.toUpperCase()}: [u8; 4] = [1; 4];\n`,
    );
    const git = workshop().checkout("work", {
      ...small,
      "src/two/src/main.rs": `${main.join("")}fn main() { println!("two A") }\n`,
      ...imageOf("two"),
      "images/full/mzbuild.yml": "name: full\npre-image:\n  - { type: cargo-build, bin: two, strip: false }\n",
      "images/full/Dockerfile": "FROM scratch\n",
    });
    await workshop().built(git, ["two", "full"], { variants: platforms });
    for (const { architecture: target } of platforms) {
      const [stripped, full] = ["two", "full"].map((image) => workshop().taken(image, "two", target));
      expect([machineOf(stripped!), machineOf(full!)]).toEqual([machines[target], machines[target]]);
      expect(sectionsOf(stripped!).filter((name) => /^\.debug_(?:info|line|str|pub)/.test(name))).toEqual([]);
      expect(sectionsOf(stripped!)).toContain(".symtab");
      expect(sectionsOf(full!)).toEqual(expect.arrayContaining([".debug_info", ".debug_line", ".symtab"]));
      expect(sectionsOf(full!).filter((name) => name.startsWith(".debug_pub"))).toEqual([]);
    }
    expect(execFileSync(workshop().taken("full", "two"), { encoding: "utf8" })).toBe("two A\n");
  });

  test("has in it what a link leads to that is outside of all crates, as it is now", async () => {
    const main = 'fn main() { print!("two {}", include_str!("far.txt")) }\n';
    const far = { "src/two/src/main.rs": main, "src/two/src/far.txt": "-> ../../../shared/far.txt" };
    const git = workshop().checkout("work", { ...small, ...far, "shared/far.txt": "A" });
    await workshop().built(git, ["two"]);
    expect(workshop().run("two")).toBe("two A");
    git.write({ "shared/far.txt": "B" });
    await workshop().built(git, ["two"]);
    expect(workshop().run("two")).toBe("two B");
  });

  test("counts what it runs, with coverage", async () => {
    const git = workshop().checkout("work", small);
    await workshop().built(git, ["two"], { variants: [{ coverage: true }] });
    const profile = join(workshop().directory, "two.profraw");
    execFileSync(workshop().taken("two", "two"), { env: { LLVM_PROFILE_FILE: profile } });
    expect(readFileSync(profile).subarray(1, 7).toString("latin1")).toBe("rforpl");
  });

  test("finds its mistakes with a sanitizer, set up by the settings", async () => {
    const main =
      'fn main() { let text = Box::into_raw(Box::new(7u64)); unsafe { drop(Box::from_raw(text)); println!("{}", text.read_volatile()) } }\n';
    const git = workshop().checkout("work", { ...small, "src/two/src/main.rs": main });
    // Debian's Rust comes without the runtime, which is clang's then.
    const builder = withClang();
    const flags = ["-Zsanitizer=address", "-Zexternal-clangrt", "-Clinker=clang", "-Clink-arg=-fsanitize=address"];
    const options = { builder, env: { RUSTC_BOOTSTRAP: "1" }, rustflags: flags };
    await workshop().built(git, ["two"], { ...options, variants: [{ sanitizer: "address" }] });
    const program = `/out/two/${architecture}/two`;
    const run = builder.run(["/bin/sh", "-c", `${program} || echo "status $?"`], {
      mounts: [bindMount("/out", local("out"))],
      // What a step has said is not kept with its result.
      ignoreCache: true,
    });
    const { log } = await solveState(workshop().engine, run.root, { directories: { out: workshop().destination } });
    expect(log).toContain("AddressSanitizer: heap-use-after-free");
    expect(log).toContain("status 1");
  });
});

function withClang(): State {
  const install = "apt-get update -qq && apt-get install -qq -y --no-install-recommends clang libclang-rt-dev";
  return workshop().engine.builder.run(["/bin/sh", "-c", install], { name: "clang" }).root;
}

describe("what a build script leaves", () => {
  /** The library's, which is also a build dependency of `one`: its script runs for the machine and for the target. */
  const leaving = {
    ...small,
    "src/lib/build.rs": small["src/lib/build.rs"]!.replace(
      /}\n$/,
      `    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::create_dir_all(format!("{out}/gen/deep")).unwrap();
    std::fs::write(format!("{out}/gen/deep/target.txt"), std::env::var("TARGET").unwrap()).unwrap();
    std::fs::write(format!("{out}/run.sh"), "#!/bin/sh\\n").unwrap();
}
`,
    ),
    "src/one/Cargo.toml": `${small["src/one/Cargo.toml"]}\n[build-dependencies]\nlib = { path = "../lib" }\n`,
    "src/one/build.rs": "fn main() { lib::text(); }\n",
    ...imageOf("one", "    extract:\n      lib:\n        gen: new\n        gen/deep: share\n        run.sh: run.sh\n"),
    "images/one/share/there": "",
  };

  test.each(platforms)(
    "is taken from the output directory for the target, $architecture, as cp -R does",
    async ({ architecture: target }) => {
      await workshop().built(workshop().checkout("work", leaving), ["one"], { variants: [{ architecture: target }] });
      const read = (name: string) => readFileSync(workshop().taken("one", name, target), "utf8");
      expect(read("new/deep/target.txt")).toBe(`${target}-unknown-linux-gnu`);
      expect(read("share/deep/target.txt")).toBe(`${target}-unknown-linux-gnu`);
      expect(read("run.sh")).toBe("#!/bin/sh\n");
    },
  );
});
