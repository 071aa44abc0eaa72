/** Functions of the scripts, run by a shell on what cargo writes. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readStepFailure } from "../../../../mzbuild/index.ts";
import { buildScript } from "../../../../mzbuild/pre-image/cargo-build/build-script.ts";
import { compileScript } from "../../../../mzbuild/pre-image/cargo-build/compile-script.ts";
import { dependenciesScript } from "../../../../mzbuild/pre-image/cargo-build/dependencies-script.ts";
import { fetchFunctions, fetchScript } from "../../../../mzbuild/pre-image/cargo-build/fetch-script.ts";
import { sccacheScript } from "../../../../mzbuild/pre-image/cargo-build/sccache.ts";
import { setupScript, stubCommands } from "../../../../mzbuild/pre-image/cargo-build/setup-script.ts";
import { shellWord } from "../../../../mzbuild/pre-image/cargo-build/shell.ts";
import { takeOutputsScript } from "../../../../mzbuild/pre-image/cargo-build/take-outputs-script.ts";
import { toolchainFunctions, toolchainScript } from "../../../../mzbuild/pre-image/cargo-build/toolchain-script.ts";
import { unitsScript } from "../../../../mzbuild/pre-image/cargo-build/units-script.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mzbuild-scripts-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const stubs = { libraries: ["src/a/src/lib.rs"], programs: ["src/a/build.rs"] };
const compilation = {
  stubs,
  command: ["cargo", "build", "--bin", "app"],
  selection: ["--release"],
  target: "aarch64-unknown-linux-gnu",
  tools: { linker: "aarch64-linux-gnu-gcc", strip: ["strip"], objcopy: ["objcopy"] },
  fewerJobs: true,
  sccache: true,
};
const build = buildScript({
  ...compilation,
  directory: "release",
  programs: [{ form: "stripped", path: "app" }],
  extracts: [{ number: 0, package: "native", source: "it's here", name: "name" }],
});

const sh = (script: string) => execFileSync("sh", ["-c", `set -eu\n${script}`], { cwd: root, encoding: "utf8" });

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

test.each([
  ["build", build],
  ["dependencies", dependenciesScript(compilation)],
  ["fetch", fetchScript({ stubs, targets: ["x86_64-unknown-linux-gnu"] })],
  ["toolchain", toolchainScript(["x86_64-unknown-linux-gnu"])],
])("the script %s is one that a POSIX shell reads", (_name, script) => {
  expect(spawnSync("sh", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

test("words with anything in them reach a command as they are", () => {
  const words = ["plain", "it's", '$HOME `x` "q" \\', "", "line\nbreak", "*"];
  const printed = execFileSync("sh", ["-c", `printf '%s|' ${words.map(shellWord).join(" ")}`], { encoding: "utf8" });
  expect(printed).toBe(words.map((word) => `${word}|`).join(""));
});

test("a lock file names the archives, index entries and revisions to keep", () => {
  write({
    "Cargo.lock": `version = 4

[[package]]
name = "own"
version = "0.1.0"
dependencies = [
 "serde",
]

[[package]]
name = "Inflector"
version = "0.11.4"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "fe43"

[[package]]
name = "log"
version = "0.4.1"
source = "sparse+https://registry.example/index/"

[[package]]
name = "protobuf"
version = "3.4.0"
source = "git+https://github.com/MaterializeInc/Rust-Protobuf.git?branch=main#0123456789abcdef0123456789abcdef01234567"
`,
  });
  expect(sh(`${fetchFunctions}\nlocked_packages Cargo.lock`).trim().split("\n")).toEqual([
    "crate Inflector 0.11.4 in/fl/inflector",
    "crate log 0.4.1 3/l/log",
    "git rust-protobuf 0123456",
  ]);
});

describe("output directories of build scripts", () => {
  const message = (id: string, directory: string) =>
    `{"reason":"build-script-executed","package_id":"${id}","linked_libs":[],"env":[["X","\\",\\"out_dir\\":\\"no"]],"out_dir":"${directory}"}\n`;

  test("are those of the package that were made for the target", () => {
    const target = "/mzbuild/work/target/aarch64-unknown-linux-gnu/release/build";
    const messages = [
      `{"reason":"compiler-artifact","package_id":"path+file:///w/src/native#0.1.0"}\n`,
      message("path+file:///w/src/native#0.1.0", "/mzbuild/work/target/release/build/native-1/out"),
      message("path+file:///w/src/native#0.1.0", `${target}/native-2/out`),
      message("path+file:///w/src/directory#native@0.2.0", `${target}/native-3/out`),
      message("registry+https://github.com/rust-lang/crates.io-index#native@0.4.0", `${target}/native-4/out`),
      message("path+file:///w/src/native-more#0.1.0", `${target}/native-more-5/out`),
    ];
    write({ messages: messages.join("") });
    const functions = takeOutputsScript.replaceAll("/mzbuild/work/messages", "messages");
    const made = sh(`${functions}\ntarget=aarch64-unknown-linux-gnu\nscript_outputs native`).trim().split("\n");
    expect(made).toEqual(["native-2", "native-3", "native-4"].map((unit) => `${target}/${unit}/out`));
  });
});

describe("the toolchain that a file names", () => {
  const check = (file: string, text: string, version: string) => {
    write({ [file]: text });
    const script = `${setupScript}${toolchainFunctions}\ncheck_toolchain "$(named_channel)" ${shellWord(version)}`;
    const { status, stderr } = spawnSync("sh", ["-eu", "-c", script], { cwd: root, encoding: "utf8" });
    return status === 0 ? "fits" : stderr;
  };
  const table = (channel: string) => `[toolchain]\nchannel = ${channel}\ntargets = ["aarch64-unknown-linux-gnu"]\n`;

  test.each([
    ["rust-toolchain.toml", table('"1.85.0"'), "rustc 1.85.0 (4d91de4e4 2025-02-17)"],
    ["rust-toolchain.toml", table("'1.85'"), "rustc 1.85.1 (4eb161250 2025-03-15) (built from a source tarball)"],
    ["rust-toolchain.toml", table('"stable"'), "rustc 1.85.1 (4eb161250 2025-03-15)"],
    ["rust-toolchain.toml", table('"nightly-2026-01-02"'), "rustc 1.94.0-nightly (abc 2026-01-01)"],
    ["rust-toolchain.toml", '[toolchain]\nprofile = "minimal"\n', "rustc 1.85.1 (4eb161250 2025-03-15)"],
    ["rust-toolchain", "1.85.1\n", "rustc 1.85.1 (4eb161250 2025-03-15)"],
    ["rust-toolchain", "1.85.1-x86_64-unknown-linux-gnu", "rustc 1.85.1 (4eb161250 2025-03-15)"],
    ["rust-toolchain", table('"1.85"'), "rustc 1.85.1 (4eb161250 2025-03-15)"],
  ])("may be the builder's own: %s %j", (file, text, version) => {
    expect(check(file, text, version)).toBe("fits");
  });

  test.each([
    ["1.85", "rustc 1.8.5 (4d91de4e4 2025-02-17)"],
    ["1.85.0", "rustc 1.85.1 (4eb161250 2025-03-15)"],
    ["nightly", "rustc 1.85.1 (4eb161250 2025-03-15)"],
    ["stable", "rustc 1.94.0-nightly (abc 2026-01-01)"],
    ["beta", "rustc 1.94.0-nightly (abc 2026-01-01)"],
  ])("is not %s where the builder has %s", (channel, version) => {
    const [error = "", help] = check("rust-toolchain", `${channel}\n`, version).split("\n");
    expect(error).toBe(
      `mzbuild: error[toolchain-differs]: the repository's rust-toolchain file names ${channel}, and the builder image has ${version} and no rustup`,
    );
    expect(help).toMatch(/^mzbuild: help: .*RUSTUP_TOOLCHAIN/);
  });
});

describe("what cargo says of a failure", () => {
  /** Runs `compile` with a cargo and a rustc that are these scripts. */
  const compile = (cargo: string) => {
    write({ "bin/cargo": `#!/bin/sh\n${cargo}\n`, "bin/rustc": "#!/bin/sh\necho rustc 1.2.3\n" });
    for (const name of ["cargo", "rustc"]) chmodSync(join(root, "bin", name), 0o755);
    const functions = compileScript.replaceAll("/mzbuild/work", ".");
    const script = `${setupScript}${functions}\nselection= target=triple\ncompile cargo build`;
    const env = { PATH: `${join(root, "bin")}:${process.env["PATH"]}` };
    const { status, stderr } = spawnSync("sh", ["-eu", "-c", script], { cwd: root, encoding: "utf8", env });
    return { status, failure: readStepFailure(stderr.trimEnd().split("\n")), stderr };
  };
  const failing = (words: string, status = 101) => compile(`cat >&2 <<'END'\n${words}\nEND\nexit ${status}`);
  const couldNot = 'error: could not compile `two` (bin "two") due to 1 previous error';

  test.each<[string, string, string, readonly string[]]>([
    ["cargo-failed", "a crate", couldNot, ["two"]],
    ["cargo-failed", "something else", "error: no such command", []],
    [
      "out-of-memory",
      "a compiler that was killed",
      `${couldNot}\n\nCaused by:\n  process didn't exit successfully: \`rustc --crate-name two\` (signal: 9, SIGKILL: kill)`,
      ["two"],
    ],
    [
      "out-of-memory",
      "a linker that was killed",
      `collect2: fatal error: ld terminated with signal 9 [Killed]\n${couldNot}`,
      ["two"],
    ],
    [
      "missing-target",
      "a target",
      "error[E0463]: can't find crate for `std`\n  = note: the `triple` target may not be installed",
      [],
    ],
    ["missing-linker", "a linker", "error: linker `aarch64-linux-gnu-gcc` not found", ["aarch64-linux-gnu-gcc"]],
    [
      "missing-c-compiler",
      "a compiler of C",
      'error occurred in cc-rs: failed to find tool "aarch64-linux-gnu-gcc": No such file or directory (os error 2)',
      ["aarch64-linux-gnu-gcc"],
    ],
    ["lock-out-of-date", "a lock file", "error: cannot update the lock file /x because --locked was passed", []],
    [
      "cargo-failed",
      "a build script that crashed",
      "error: failed to run custom build command for `lib v0.1.0`\n  process didn't exit successfully: `build-script-build` (signal: 11, SIGSEGV: invalid memory reference)",
      [],
    ],
  ])("%s: %s", (code, _, words, names) => {
    const { status, failure } = failing(words);
    expect([status, failure?.code, failure?.names]).toEqual([101, code, names]);
  });

  test("a file that is not there may be one that the settings have to name", () => {
    const missing = "error: couldn't read `src/lib/src/../../../misc/x`: No such file or directory (os error 2)";
    expect(failing(`${missing}\n${couldNot}`).failure).toMatchObject({
      code: "cargo-failed",
      help: expect.stringContaining("cargo: {inputs: [PATH]}"),
    });
    expect(failing(couldNot).failure?.help).toBeUndefined();
  });

  test.each([
    ["error: internal compiler error: compiler/rustc_middle/src/x.rs:1:1: no"],
    ["error: the compiler unexpectedly panicked. this is a bug."],
    [
      "  process didn't exit successfully: `/usr/bin/rustc --crate-name two` (signal: 11, SIGSEGV: invalid memory reference)",
    ],
  ])("a crash is tried again, once, from a clean state of the crate: %s", (words) => {
    const stack = "query stack during panic:\n#0 [optimized_mir] optimizing `main`\nend of query stack";
    const { status, failure, stderr } = compile(
      `echo "$*" >>calls\n[ $1 = build ] || exit 0\ncat >&2 <<'END'\n${words}\n${stack}\n${couldNot}\nmore words\nEND\nexit 101`,
    );
    expect([status, failure?.code, failure?.names]).toEqual([101, "compiler-crashed", ["two"]]);
    expect(failure?.help).toContain("rustc 1.2.3");
    const calls = readFileSync(join(root, "calls"), "utf8").trim().split("\n");
    expect(calls.map((call) => call.split(" ")[0])).toEqual(["build", "clean", "build"]);
    expect(calls[1]).toContain("-p two");
    expect(stderr.slice(stderr.lastIndexOf("more words"))).toContain(stack);
  });
});

test("stubs take the place of nothing that is there", () => {
  write({ "tree/src/a/build.rs": "real" });
  const shown = "head -n 1 tree/src/a/build.rs tree/src/a/src/lib.rs";
  expect(sh(`${setupScript}\n${stubCommands("tree", stubs)}\n${shown}`)).toBe(
    "==> tree/src/a/build.rs <==\nreal\n==> tree/src/a/src/lib.rs <==\n\n",
  );
});

describe("sccache", () => {
  const use = (program: string) => {
    write({ "bin/sccache": `#!/bin/sh\n${program}\n` });
    chmodSync(join(root, "bin/sccache"), 0o755);
    const functions = sccacheScript.replaceAll("/mzbuild/work", ".");
    const script = `${setupScript}\n${functions}\nuse_sccache\necho "wrapper=\${RUSTC_WRAPPER:-}"`;
    const env = { PATH: `${join(root, "bin")}:${process.env["PATH"]}` };
    return spawnSync("sh", ["-eu", "-c", script], { cwd: root, encoding: "utf8", env });
  };

  test("that does not start is left out, with a warning and its own words", () => {
    const { status, stdout, stderr } = use("echo 'cache storage failed to read' >&2; exit 2");
    expect([status, stdout]).toEqual([0, "wrapper=\n"]);
    expect(stderr).toMatch(/^cache storage failed to read\nmzbuild: warning: sccache does not start/);
  });

  test("whose port is another's gets the next one, and ends with the script", () => {
    const { status, stdout } = use(`echo "$*" >>calls
case $1 in
  --start-server) [ -e tried ] || { touch tried; echo "Server startup failed: Address in use" >&2; exit 2; } ;;
esac`);
    expect([status, stdout]).toEqual([0, "wrapper=sccache\n"]);
    expect(
      readFileSync(join(root, "calls"), "utf8")
        .trim()
        .split("\n")
        .filter((call) => !call.includes("stats")),
    ).toEqual(["--start-server", "--start-server", "--stop-server"]);
  });
});

describe("compiled dependencies", () => {
  const [one, two, own] = ["0123456789abcdef", "1123456789abcdef", "2123456789abcdef"];
  const unit = (part: string, name: string, hash: string, text: string) => ({
    [`${part}/deps/lib${name}-${hash}.rlib`]: text,
    [`${part}/.fingerprint/${name}-${hash}/lib-${name}`]: text,
  });
  const carry = (command: string) => sh(`${unitsScript}\n${command}`);
  const list = (directory: string) => carry(`cd ${directory} && find . -type f | sort`).trim().split("\n");

  test("are the units of messages that are no crates of the repository", () => {
    write({
      messages: [
        `{"reason":"compiler-artifact","package_id":"registry+https://x#serde@1.0.0","filenames":["/t/debug/deps/libserde-${one}.rlib","/t/debug/deps/libserde-${one}.rmeta"]}`,
        `{"reason":"build-script-executed","package_id":"git+https://x#native@1.0.0","out_dir":"/t/debug/build/native-${two}/out"}`,
        `{"reason":"compiler-artifact","package_id":"path+file:///w#own@0.1.0","filenames":["/t/debug/deps/libown-${own}.rlib"]}`,
        `{"reason":"build-finished","success":true}`,
      ].join("\n"),
    });
    expect(carry("foreign_units messages")).toBe(`-${one}\n-${two}\n`);
  });

  test("are carried for the machine and for the target, and the repository's own are not", () => {
    write({
      ...unit("target/debug", "serde", one, "host"),
      ...unit("target/triple/debug", "serde", two, "target"),
      ...unit("target/triple/debug", "own", own, "own"),
      hashes: `-${one}\n-${two}\n`,
    });
    mkdirSync(join(root, "to"));
    carry('copy_units target "$PWD/to" "$PWD/hashes"');
    expect(list("to")).toEqual([
      `./debug/.fingerprint/serde-${one}/lib-serde`,
      `./debug/deps/libserde-${one}.rlib`,
      `./triple/debug/.fingerprint/serde-${two}/lib-serde`,
      `./triple/debug/deps/libserde-${two}.rlib`,
    ]);
  });

  test("come into a target directory that doesn't have them, all with one time, and leave what is there", () => {
    write({
      ...unit("seed/debug", "serde", one, "seed"),
      ...unit("seed/debug", "log", two, "seed"),
      ...unit("target/debug", "serde", one, "mine"),
      stamp: "",
    });
    carry('touch -d 2020-01-01 stamp; seed_units "$PWD/seed" "$PWD/target" "$PWD/stamp"');
    expect(carry(`cat target/debug/deps/libserde-${one}.rlib target/debug/deps/liblog-${two}.rlib`)).toBe("mineseed");
    const seeded = [`target/debug/deps/liblog-${two}.rlib`, `target/debug/.fingerprint/log-${two}/lib-log`];
    for (const path of seeded) expect(statSync(join(root, path)).mtimeMs).toBe(statSync(join(root, "stamp")).mtimeMs);
  });

  test("of nobody are carried without fault", () => {
    mkdirSync(join(root, "seed"));
    write({ "target/debug/deps/x": "", hashes: "" });
    carry('seed_units "$PWD/seed" "$PWD/target" "$PWD/hashes"; copy_units target "$PWD/seed" "$PWD/hashes"');
    expect(list("target")).toEqual(["./debug/deps/x"]);
  });
});
