import { execFileSync, spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { State } from "../../llb/index.ts";
import { type GitRepository, repositoryAt } from "../mzbuild/git-repository.ts";
import {
  buildCargo,
  type CargoBuild,
  type CargoEngine,
  type CargoOutcome,
  cargoEngine,
  forgetCaches,
} from "./cargo-builds.ts";

let engine: CargoEngine;
beforeAll(async () => {
  engine = await cargoEngine();
});
afterAll(() => engine.client.close());

let directory: string;
let destination: string;
let id: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mzbuild-cargo-"));
  destination = join(directory, "out");
  id = `test-${randomUUID()}`;
});
afterEach(async () => {
  rmSync(directory, { recursive: true, force: true });
  await forgetCaches(engine, id);
});

function checkout(name: string, files: Readonly<Record<string, string>>): GitRepository {
  const root = join(directory, name);
  mkdirSync(root);
  const git = repositoryAt(root);
  git.git("init", "--quiet", "--initial-branch=main");
  // The engine remembers earlier runs of the tests by content: theirs is another.
  git.write({ ...files, "src/one/ID": id, "src/two/ID": id });
  return git;
}

async function build(
  git: GitRepository,
  images: readonly string[],
  options: Partial<CargoBuild> = {},
): Promise<CargoOutcome> {
  return buildCargo(engine, { repository: await git.open(), root: git.root, id, images, destination, ...options });
}

/** Like {@link build}, of what must succeed. */
async function built(...args: Parameters<typeof build>): Promise<CargoOutcome> {
  const outcome = await build(...args);
  if (outcome.failure !== undefined) throw new Error(`${outcome.failure.message}\n${outcome.log}`);
  return outcome;
}

const architecture = process.arch === "arm64" ? "aarch64" : "x86_64";
const program = (image: string, name: string): string => join(destination, image, architecture, name);
const run = (image: string, name = image): string => execFileSync(program(image, name), { encoding: "utf8" });

/** Names of the crates that were compiled, without the dependencies' vertex. */
function compiled({ log }: CargoOutcome): readonly string[] {
  return [...log.replace(/\u001b\[[0-9;]*m/g, "").matchAll(/Compiling (\S+)/g)].map(([, name]) => name ?? "");
}

function vertex({ vertices }: CargoOutcome, name: RegExp) {
  return vertices.find((each) => name.test(each.name));
}

const manifest = (name: string, more = ""): string =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${more}`;

const imageOf = (name: string, step = ""): Record<string, string> => ({
  [`images/${name}/mzbuild.yml`]: `name: ${name}\npre-image:\n  - type: cargo-build\n    bin: ${name}\n${step}`,
  [`images/${name}/Dockerfile`]: "FROM scratch\n",
});

/** Two programs on a library whose build script reads a directory and whose sources include a file. */
const small: Readonly<Record<string, string>> = {
  "Cargo.toml": '[workspace]\nmembers = ["src/one", "src/two", "src/lib"]\nresolver = "2"\n',
  "Cargo.lock": `version = 3

[[package]]
name = "lib"
version = "0.1.0"

[[package]]
name = "one"
version = "0.1.0"
dependencies = [
 "lib",
]

[[package]]
name = "two"
version = "0.1.0"
`,
  "src/one/Cargo.toml": manifest("one", '[dependencies]\nlib = { path = "../lib" }\n'),
  "src/one/src/main.rs": 'fn main() { println!("one A {}", lib::text()) }\n',
  "src/two/Cargo.toml": manifest("two"),
  "src/two/src/main.rs": 'fn main() { println!("two A") }\n',
  "src/lib/Cargo.toml": manifest("lib"),
  "src/lib/build.rs": `fn main() {
    println!("cargo::rerun-if-changed=data");
    let mut names: Vec<_> = std::fs::read_dir("data").unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let text: Vec<_> = names.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    println!("cargo::rustc-env=DATA={}", text.join("+"));
}
`,
  "src/lib/src/lib.rs": `pub fn text() -> String { format!("lib A {} {}", env!("DATA"), include_str!("note.txt")) }\n`,
  "src/lib/src/note.txt": "note",
  "src/lib/data/first": "first",
  ...imageOf("one"),
  ...imageOf("two"),
};

describe("a program", () => {
  test("is that of the sources, when these return to what they were and something else changes", async () => {
    const git = checkout("work", small);
    const main = (text: string) => ({ "src/two/src/main.rs": `fn main() { println!("${text}") }\n` });
    for (const [text, note] of [
      ["A", "1"],
      ["B", "1"],
      ["A", "2"],
    ] as const) {
      git.write({ ...main(text), "src/two/README.md": note });
      await built(git, ["two"]);
      expect(run("two")).toBe(`${text}\n`);
    }
  });

  test("is that of its own checkout, where two share a cache", async () => {
    const texts = ["mine", "yours"] as const;
    const checkouts = texts.map((text) =>
      checkout(text, { ...small, "src/two/src/main.rs": `fn main() { println!("${text}") }\n` }),
    );
    for (const round of ["1", "2"]) {
      for (const [index, text] of texts.entries()) {
        checkouts[index]!.write({ "src/two/README.md": round });
        await built(checkouts[index]!, ["two"]);
        expect(run("two")).toBe(`${text}\n`);
      }
    }
  });

  test("comes out right after a build that was cut short", async () => {
    const waiting = `
    println!("cargo::rerun-if-changed=src/note.txt");
    if std::fs::read_to_string("src/note.txt").unwrap() == "wait" { std::thread::park(); }
}
`;
    const git = checkout("work", { ...small, "src/lib/build.rs": small["src/lib/build.rs"]!.replace(/}\n$/, waiting) });
    await built(git, ["one"]);
    git.write({ "src/lib/src/note.txt": "wait" });
    expect((await build(git, ["one"], { abortAt: "lib v0.1.0" })).cancelled).toBe(true);
    git.write({ "src/lib/src/note.txt": "note", "src/one/README.md": "something else" });
    await built(git, ["one"]);
    expect(run("one")).toBe("one A lib A first note\n");
  });

  test("is what its sources say, whatever they said before", async () => {
    const git = checkout("work", small);
    const contents = fc.constantFrom("A", "B");
    const states = fc.record({
      main: contents,
      lib: contents,
      note: contents,
      data: fc.dictionary(fc.constantFrom("first", "second", "third"), contents, { minKeys: 1, noNullPrototype: true }),
      unrelated: fc.constantFrom("x", "y", "z"),
    });
    const sequences = fc.sample(fc.array(states, { minLength: 12, maxLength: 12 }), { numRuns: 1, seed: 20 });
    for (const { main, lib, note, data, unrelated } of sequences.flat()) {
      git.remove("src/lib/data");
      git.write({
        "src/one/src/main.rs": `fn main() { println!("one ${main} {}", lib::text()) }\n`,
        "src/lib/src/lib.rs": small["src/lib/src/lib.rs"]!.replace("lib A", `lib ${lib}`),
        "src/lib/src/note.txt": note,
        "src/one/README.md": unrelated,
        ...Object.fromEntries(Object.entries(data).map(([name, text]) => [`src/lib/data/${name}`, text])),
      });
      await built(git, ["one"]);
      const joined = Object.keys(data)
        .sort()
        .map((name) => data[name])
        .join("+");
      expect(run("one")).toBe(`one ${main} lib ${lib} ${joined} ${note}\n`);
    }
  });
});

describe("programs of several images", () => {
  test("are compiled by one cargo, and an image whose program stayed the same stays cached", async () => {
    const git = checkout("work", small);
    const first = await built(git, ["one", "two"]);
    expect(first.vertices.filter(({ name }) => /^\[cargo\] build (?!dep)/.test(name)).map(({ name }) => name)).toEqual([
      expect.stringMatching(/^\[cargo\] build one two /),
    ]);
    git.write({ "src/two/src/main.rs": `fn main() { println!("two ${id}") }\n` });
    const second = await built(git, ["one", "two"]);
    expect(compiled(second)).toEqual(["two"]);
    expect(vertex(second, /^\[one\]/)?.cached).toBe(true);
    expect(vertex(second, /^\[two\]/)?.cached).toBe(false);
    expect(run("two")).toBe(`two ${id}\n`);
  });

  test("run no cargo at all when nothing changed", async () => {
    const git = checkout("work", small);
    await built(git, ["one"]);
    const again = await built(git, ["one"]);
    const steps = again.vertices.filter(({ name }) => /^\[cargo\] (?:fetch|build)/.test(name));
    expect(steps.map(({ cached }) => cached)).toEqual([true, true, true]);
  });
});

describe("what a build script leaves", () => {
  test("is taken from the output directory for the target, into the directory that is there", async () => {
    const git = checkout("work", {
      ...small,
      "src/lib/build.rs": small["src/lib/build.rs"]!.replace(
        /}\n$/,
        '    let out = std::env::var("OUT_DIR").unwrap();\n    std::fs::create_dir_all(format!("{out}/gen/deep")).unwrap();\n' +
          '    std::fs::write(format!("{out}/gen/deep/a.txt"), "extracted").unwrap();\n}\n',
      ),
      ...imageOf("one", "    extract:\n      lib:\n        gen: new\n        gen/deep: share\n"),
      "images/one/share/there": "",
    });
    await built(git, ["one"]);
    expect(readFileSync(program("one", "new/deep/a.txt"), "utf8")).toBe("extracted");
    expect(readFileSync(program("one", "share/deep/a.txt"), "utf8")).toBe("extracted");
  });
});

/** Serves the repositories of a directory on a free port. */
async function gitDaemon(base: string): Promise<AsyncDisposable & { readonly port: number }> {
  const port = await freePort();
  const options = ["--export-all", "--reuseaddr", "--listen=127.0.0.1", `--port=${port}`, "--verbose"];
  // Not by way of `git`, which would start it as a child that outlives it.
  const program = join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-daemon");
  const daemon = spawn(program, [...options, `--base-path=${base}`], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(daemon, "close");
  await Promise.race([once(daemon.stderr, "data"), ended]);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      daemon.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** EM_X86_64 or EM_AARCH64. */
function machineOf(path: string): number {
  const header = Buffer.alloc(20);
  readSync(openSync(path, "r"), header, 0, 20, 0);
  return header.readUInt16LE(18);
}

describe("the tour", () => {
  const tour = (): GitRepository => {
    const root = join(directory, "tour");
    cpSync(fileURLToPath(new URL("../../examples/tour", import.meta.url)), root, {
      recursive: true,
      filter: (path) => !path.endsWith("/target"),
    });
    const git = repositoryAt(root);
    git.git("init", "--quiet");
    git.write({ "src/billing-demo/ID": id });
    return git;
  };

  test("has its program for both platforms out of one solve, and fetches crates once", async () => {
    const variants = [{ architecture: "x86_64" }, { architecture: "aarch64" }] as const;
    const outcome = await built(tour(), ["billing-demo"], { variants });
    expect(machineOf(join(destination, "billing-demo/x86_64/billing-demo"))).toBe(62);
    expect(machineOf(join(destination, "billing-demo/aarch64/billing-demo"))).toBe(183);
    expect(outcome.vertices.filter(({ name }) => name === "[cargo] fetch")).toHaveLength(1);
    const bill = JSON.parse(
      execFileSync(program("billing-demo", "billing-demo"), ["--count", "1"], { encoding: "utf8" }),
    );
    expect(bill).toMatchObject({ number: 1, cents: expect.any(Number) });
  });

  test("compiles crates of the workspace only, where compiled dependencies come from the cache", async () => {
    const git = tour();
    await built(git, ["billing-demo"]);
    const ledger = readFileSync(join(git.root, "src/ledger/src/lib.rs"), "utf8");
    git.write({ "src/ledger/src/lib.rs": `${ledger}// ${id}\n` });
    // Another id finds no cache mounts, as on another machine; what was built is in the cache all the same.
    const outcome = await built(git, ["billing-demo"], { id: `${id}-elsewhere` });
    expect([...compiled(outcome)].sort()).toEqual(["billing-demo", "ledger", "rates"]);
  });
});

describe("a dependency of another platform", () => {
  test("is no matter, though the lock file names it", async () => {
    const locked = readFileSync("examples/tour/Cargo.lock", "utf8").split("[[package]]");
    const fastrand = locked.find((text) => text.includes('name = "fastrand"'))!;
    const version = /version = "(.*)"/.exec(fastrand)?.[1];
    const git = checkout("work", {
      ...small,
      "Cargo.lock": small["Cargo.lock"]!.replace(
        '[[package]]\nname = "lib"',
        `[[package]]${fastrand}[[package]]\nname = "lib"`,
      ).replace(/$/, 'dependencies = [\n "fastrand",\n]\n'),
      "src/two/Cargo.toml": manifest("two", `[target."cfg(windows)".dependencies]\nfastrand = "=${version}"\n`),
    });
    expect(compiled(await built(git, ["two"]))).not.toContain("fastrand");
    expect(run("two")).toBe("two A\n");
  });
});

describe("a git dependency", () => {
  test("is fetched, and compiled without network", async () => {
    const library = join(directory, "git", "Greet-Lib.git");
    mkdirSync(library, { recursive: true });
    const upstream = repositoryAt(library);
    upstream.git("init", "--quiet", "--initial-branch=main");
    upstream.write({
      "Cargo.toml": manifest("greet"),
      "src/lib.rs": 'pub fn text() -> &\'static str { "from git" }\n',
    });
    upstream.commit();
    const revision = upstream.git("rev-parse", "HEAD").trim();
    await using server = await gitDaemon(join(directory, "git"));
    const url = `git://127.0.0.1:${server.port}/Greet-Lib.git`;
    const git = checkout("work", {
      ...small,
      "Cargo.lock": `${small["Cargo.lock"]}dependencies = [\n "greet",\n]\n\n[[package]]\nname = "greet"\nversion = "0.1.0"\nsource = "git+${url}#${revision}"\n`,
      "src/two/Cargo.toml": manifest("two", `[dependencies]\ngreet = { git = "${url}" }\n`),
      "src/two/src/main.rs": 'fn main() { println!("{}", greet::text()) }\n',
    });
    // Cargo wants the packages of a lock file sorted.
    const [head, ...packages] = readFileSync(join(git.root, "Cargo.lock"), "utf8").split("[[package]]");
    git.write({ "Cargo.lock": [head, ...packages.map((text) => `${text.trimEnd()}\n\n`).sort()].join("[[package]]") });
    await built(git, ["two"]);
    expect(run("two")).toBe("from git\n");
  });
});

describe("a private registry", () => {
  test("is read with a token that is a secret, by the fetch alone", async () => {
    await using registry = await privateRegistry("s3cret");
    const index = `sparse+http://127.0.0.1:${registry.port}/`;
    const greet = `[[package]]\nname = "greet"\nversion = "0.1.0"\nsource = "${index}"\nchecksum = "${registry.checksum}"\n\n`;
    const git = checkout("work", {
      ...small,
      ".cargo/config.toml": `[registries.acme]\nindex = "${index}"\ncredential-provider = ["cargo:token"]\n`,
      "Cargo.lock": `${small["Cargo.lock"]!.replace("[[package]]", `${greet}[[package]]`)}dependencies = [\n "greet",\n]\n`,
      "src/two/Cargo.toml": manifest("two", '[dependencies]\ngreet = { version = "0.1.0", registry = "acme" }\n'),
      "src/two/src/main.rs": 'fn main() { println!("{}", greet::text()) }\n',
    });
    const access = { secrets: new Map([["CARGO_REGISTRIES_ACME_TOKEN", "acme"]]) };
    const value = (text: string) => new Map([["acme", { kind: "value", value: Buffer.from(text) } as const]]);
    const refused = await build(git, ["two"], { access, secrets: value("wrong") });
    expect(refused.log).toContain("mzbuild: error[fetch-failed]");
    await built(git, ["two"], { access, secrets: value("s3cret") });
    expect(run("two")).toBe("from acme\n");
  });
});

/** A sparse registry with one crate, `greet`, for those who have the token. */
async function privateRegistry(token: string) {
  const source = join(directory, "greet-0.1.0");
  mkdirSync(join(source, "src"), { recursive: true });
  writeFileSync(join(source, "Cargo.toml"), manifest("greet"));
  writeFileSync(join(source, "src/lib.rs"), 'pub fn text() -> &\'static str { "from acme" }\n');
  const archive = execFileSync("tar", ["-C", directory, "-cz", "greet-0.1.0"]);
  const checksum = createHash("sha256").update(archive).digest("hex");
  const entry = { name: "greet", vers: "0.1.0", deps: [], cksum: checksum, features: {}, yanked: false };
  const server = createHttpServer(({ url, headers }, response) => {
    const files: Readonly<Record<string, string | Buffer>> = {
      "/config.json": JSON.stringify({ dl: `http://${headers.host}/dl`, "auth-required": true }),
      "/gr/ee/greet": JSON.stringify(entry),
      "/dl/greet/0.1.0/download": archive,
    };
    const file = files[url ?? ""];
    response.statusCode = headers.authorization !== token ? 401 : file === undefined ? 404 : 200;
    response.end(response.statusCode === 200 ? file : undefined);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    checksum,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe("files that the settings name", () => {
  test("are there for the compilation, though they are in no crate, and compile again what includes them", async () => {
    const git = checkout("work", {
      ...small,
      "mzbuild-settings.yml": "cargo: {inputs: ['shared/*.txt']}\n",
      "shared/text.txt": "shared A",
      "src/two/src/main.rs": 'fn main() { println!("{}", include_str!("../../../shared/text.txt")) }\n',
    });
    for (const text of ["shared A", "shared B"]) {
      git.write({ "shared/text.txt": text });
      await built(git, ["two"]);
      expect(run("two")).toBe(`${text}\n`);
    }
  });
});

describe("sccache", () => {
  const env = { CARGO_INCREMENTAL: "0" };
  const access = { sccache: { env: new Map<string, string>(), secrets: new Map<string, string>() } };
  const withSccache = (): State =>
    engine.builder.run(
      ["/bin/sh", "-c", "apt-get update -qq && apt-get install -qq -y --no-install-recommends sccache"],
      { name: "sccache" },
    ).root;

  test("brings what another cache mount's build has compiled", async () => {
    // The cache is that of all runs of this test.
    const marked = ["src/one/src/main.rs", "src/lib/src/lib.rs", "src/lib/build.rs"].map((path) => [
      path,
      `${small[path]}// ${id}\n`,
    ]);
    const git = checkout("work", { ...small, ...Object.fromEntries(marked) });
    const builder = withSccache();
    const cold = await built(git, ["one"], { builder, access, env });
    expect(hits(cold)).toBe(0);
    git.write({ "src/one/src/main.rs": 'fn main() { println!("changed {}", lib::text()) }\n' });
    const elsewhere = await built(git, ["one"], { builder, access, env, id: `${id}-elsewhere` });
    expect([...compiled(elsewhere)].sort()).toEqual(["lib", "one"]);
    expect(hits(elsewhere)).toBeGreaterThan(0);
    expect(run("one")).toBe("changed lib A first note\n");
  });

  test("that has no such storage built in, as Debian's has no S3, is told of, and no reason to fail", async () => {
    const s3 = { sccache: { ...access.sccache, env: new Map([["SCCACHE_BUCKET", "cache"]]) } };
    const { log } = await built(checkout("work", small), ["two"], { builder: withSccache(), access: s3 });
    expect(log).toContain("doesn't know the storage of the settings");
    expect(run("two")).toBe("two A\n");
  });

  test("must be in the builder", async () => {
    const { log } = await build(checkout("work", small), ["two"], { access });
    expect(log).toContain("mzbuild: error[builder-without-sccache]");
  });
});

/** What sccache says of its hits at the end of the build; stubs, which come before, are those of all tests. */
function hits({ log }: CargoOutcome): number {
  const counts = [...log.matchAll(/^Cache hits +(\d+)$/gm)].map(([, count]) => Number(count));
  expect(counts).not.toEqual([]);
  return counts.at(-1) ?? 0;
}

describe("a failure says what to do", () => {
  const failing = async (files: Readonly<Record<string, string>>, options: Partial<CargoBuild> = {}) => {
    const { failure, log } = await build(checkout("work", { ...small, ...files }), ["two"], options);
    expect(failure).toBeDefined();
    return { ...failure, error: /^mzbuild: error\[(.*?)\]: (.*)$/m.exec(log)?.slice(1), log };
  };

  test("in the sources: the compiler's words, and cargo's exit code", async () => {
    const { error, log, exitCode } = await failing({ "src/two/src/main.rs": "fn main() { nonsense }\n" });
    expect(log).toContain("cannot find value `nonsense`");
    expect(error?.[0]).toBe("cargo-failed");
    expect(exitCode).toBe(101);
  });

  test("a lock file that doesn't fit", async () => {
    const { error } = await failing({
      "src/two/Cargo.toml": manifest("two", '[dependencies]\nlib = { path = "../lib" }\n'),
    });
    expect(error).toEqual(["lock-out-of-date", expect.stringContaining("cargo update --workspace")]);
  });

  test("a toolchain without the target", async () => {
    const other = architecture === "x86_64" ? "aarch64" : "x86_64";
    const remove = `dir=$(rustc --print sysroot)/lib/rustlib/${other}-unknown-linux-gnu; [ -d "$dir" ] && rm -r "$dir"`;
    const builder = engine.builder.run(["/bin/sh", "-c", remove]).root;
    const { error } = await failing({}, { builder, variants: [{ architecture: other }] });
    expect(error).toEqual(["missing-target", expect.stringContaining(`${other}-unknown-linux-gnu`)]);
  });

  test.each([
    ["a package that has no build script in this build", "nothing: { a: b }", "missing-build-script"],
    ["a file that the build script did not leave", "lib: { a: b }", "missing-extract"],
  ])("an extract of %s", async (_, extract, code) => {
    const { log } = await build(checkout("work", { ...small, ...imageOf("one", `    extract: { ${extract} }\n`) }), [
      "one",
    ]);
    expect(log).toContain(`mzbuild: error[${code}]`);
  });

  test("a builder without cargo", async () => {
    const { error } = await failing({}, { builder: engine.bare });
    expect(error).toEqual(["builder-without-cargo", expect.stringContaining("no cargo in its PATH")]);
  });

  test("a compiler that is killed", async () => {
    const wrapper = '#!/bin/sh\ncase "$*" in *"--crate-name two "*) kill -9 $$ ;; esac\nexec "$@"\n';
    const env = { RUSTC_WRAPPER: "/mzbuild/work/source/src/two/wrapper" };
    const { error } = await failing({ "src/two/wrapper": wrapper }, { env });
    expect(error).toEqual(["out-of-memory", expect.stringContaining("memory")]);
  });
});

describe("a compiler that crashes", () => {
  const env = { RUSTC_WRAPPER: "/mzbuild/work/source/src/two/wrapper" };
  const crashing = (condition: string) => ({
    ...small,
    "src/two/wrapper": `#!/bin/sh
case "$*" in *"--crate-name two "*) ${condition} && { echo "error: internal compiler error: no more" >&2; exit 101; } ;; esac
exec "$@"
`,
  });

  test("gets a second chance", async () => {
    const git = checkout("work", crashing("mkdir /mzbuild/work/crashed 2>/dev/null"));
    const outcome = await built(git, ["two"], { env });
    expect(outcome.log).toContain("the compiler crashed; trying again from a clean state of: two");
    expect(run("two")).toBe("two A\n");
  });

  test("twice is reported", async () => {
    const { failure, log } = await build(checkout("work", crashing("[ -e src/main.rs ] || true")), ["two"], { env });
    expect(failure?.exitCode).toBe(101);
    expect(log).toContain("mzbuild: error[compiler-crashed]");
  });
});
