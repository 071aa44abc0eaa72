import { execFileSync } from "node:child_process";
import { cpSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type GitRepository, repositoryAt } from "../mzbuild/git-repository.ts";
import { compiled } from "./cargo-builds.ts";
import { eachWithWorkshop, manifest, small, vertex } from "./cargo-workshop.ts";

const workshop = eachWithWorkshop();

describe("a program", () => {
  test("is that of the sources, when these return to what they were and something else changes", async () => {
    const git = workshop().checkout("work", small);
    const main = (text: string) => ({ "src/two/src/main.rs": `fn main() { println!("${text}") }\n` });
    for (const [text, note] of [
      ["A", "1"],
      ["B", "1"],
      ["A", "2"],
    ] as const) {
      git.write({ ...main(text), "src/two/README.md": note });
      await workshop().built(git, ["two"]);
      expect(workshop().run("two")).toBe(`${text}\n`);
    }
  });

  test("is that of its own checkout, where two share a cache", async () => {
    const texts = ["mine", "yours"] as const;
    const checkouts = texts.map((text) =>
      workshop().checkout(text, { ...small, "src/two/src/main.rs": `fn main() { println!("${text}") }\n` }),
    );
    for (const round of ["1", "2"]) {
      for (const [index, text] of texts.entries()) {
        checkouts[index]!.write({ "src/two/README.md": round });
        await workshop().built(checkouts[index]!, ["two"]);
        expect(workshop().run("two")).toBe(`${text}\n`);
      }
    }
  });

  test("comes out right after a build that was cut short", async () => {
    const waiting = `
    println!("cargo::rerun-if-changed=src/note.txt");
    if std::fs::read_to_string("src/note.txt").unwrap() == "wait" { std::thread::park(); }
}
`;
    const git = workshop().checkout("work", {
      ...small,
      "src/lib/build.rs": small["src/lib/build.rs"]!.replace(/}\n$/, waiting),
    });
    await workshop().built(git, ["one"]);
    git.write({ "src/lib/src/note.txt": "wait" });
    expect((await workshop().build(git, ["one"], { abortAt: "lib v0.1.0" })).cancelled).toBe(true);
    git.write({ "src/lib/src/note.txt": "note", "src/one/README.md": "something else" });
    await workshop().built(git, ["one"]);
    expect(workshop().run("one")).toBe("one A lib A first note\n");
  });
});

describe("programs of several images", () => {
  test("are compiled by one cargo, and an image whose program stayed the same stays cached", async () => {
    const git = workshop().checkout("work", small);
    const first = await workshop().built(git, ["one", "two"]);
    expect(first.vertices.filter(({ name }) => /^\[cargo\] build (?!dep)/.test(name)).map(({ name }) => name)).toEqual([
      expect.stringMatching(/^\[cargo\] build one two /),
    ]);
    git.write({ "src/two/src/main.rs": `fn main() { println!("two ${workshop().id}") }\n` });
    const second = await workshop().built(git, ["one", "two"]);
    expect(compiled(second)).toEqual(["two"]);
    expect(vertex(second, /^\[one\]/)?.cached).toBe(true);
    expect(vertex(second, /^\[two\]/)?.cached).toBe(false);
    expect(workshop().run("two")).toBe(`two ${workshop().id}\n`);
  });

  test("run no cargo at all when nothing changed", async () => {
    const git = workshop().checkout("work", small);
    await workshop().built(git, ["one"]);
    const again = await workshop().built(git, ["one"]);
    const steps = again.vertices.filter(({ name }) => /^\[cargo\] (?:fetch|build)/.test(name));
    expect(steps.map(({ cached }) => cached)).toEqual([true, true, true]);
  });
});

/** EM_X86_64 or EM_AARCH64. */
function machineOf(path: string): number {
  const header = Buffer.alloc(20);
  readSync(openSync(path, "r"), header, 0, 20, 0);
  return header.readUInt16LE(18);
}

describe("the tour", () => {
  const tour = (): GitRepository => {
    const root = join(workshop().directory, "tour");
    cpSync(fileURLToPath(new URL("../../examples/tour", import.meta.url)), root, {
      recursive: true,
      filter: (path) => !path.endsWith("/target"),
    });
    const git = repositoryAt(root);
    git.git("init", "--quiet");
    git.write({ "src/billing-demo/ID": workshop().id });
    return git;
  };

  test("has its program for both platforms out of one solve, and fetches crates once", async () => {
    const variants = [{ architecture: "x86_64" }, { architecture: "aarch64" }] as const;
    const outcome = await workshop().built(tour(), ["billing-demo"], { variants });
    expect(machineOf(join(workshop().destination, "billing-demo/x86_64/billing-demo"))).toBe(62);
    expect(machineOf(join(workshop().destination, "billing-demo/aarch64/billing-demo"))).toBe(183);
    expect(outcome.vertices.filter(({ name }) => name === "[cargo] fetch")).toHaveLength(1);
    const bill = JSON.parse(
      execFileSync(workshop().taken("billing-demo", "billing-demo"), ["--count", "1"], { encoding: "utf8" }),
    );
    expect(bill).toMatchObject({ number: 1, cents: expect.any(Number) });
  });

  test("compiles crates of the workspace only, where compiled dependencies come from the cache", async () => {
    const git = tour();
    await workshop().built(git, ["billing-demo"]);
    const ledger = readFileSync(join(git.root, "src/ledger/src/lib.rs"), "utf8");
    git.write({ "src/ledger/src/lib.rs": `${ledger}// ${workshop().id}\n` });
    // Another id finds no cache mounts, as on another machine; what was built is in the cache all the same.
    const outcome = await workshop().built(git, ["billing-demo"], { id: `${workshop().id}-elsewhere` });
    expect([...compiled(outcome)].sort()).toEqual(["billing-demo", "ledger", "rates"]);
  });
});

describe("a dependency of another platform", () => {
  test("is no matter, though the lock file names it", async () => {
    const locked = readFileSync("examples/tour/Cargo.lock", "utf8").split("[[package]]");
    const fastrand = locked.find((text) => text.includes('name = "fastrand"'))!;
    const version = /version = "(.*)"/.exec(fastrand)?.[1];
    const git = workshop().checkout("work", {
      ...small,
      "Cargo.lock": small["Cargo.lock"]!.replace(
        '[[package]]\nname = "lib"',
        `[[package]]${fastrand}[[package]]\nname = "lib"`,
      ).replace(/$/, 'dependencies = [\n "fastrand",\n]\n'),
      "src/two/Cargo.toml": manifest("two", `[target."cfg(windows)".dependencies]\nfastrand = "=${version}"\n`),
    });
    expect(compiled(await workshop().built(git, ["two"]))).not.toContain("fastrand");
    expect(workshop().run("two")).toBe("two A\n");
  });
});

describe("files that the settings name", () => {
  test("are there for the compilation, though they are in no crate, and compile again what includes them", async () => {
    const git = workshop().checkout("work", {
      ...small,
      "mzbuild-settings.yml": "cargo: {inputs: ['shared/*.txt']}\n",
      "shared/text.txt": "shared A",
      "src/two/src/main.rs": 'fn main() { println!("{}", include_str!("../../../shared/text.txt")) }\n',
    });
    for (const text of ["shared A", "shared B"]) {
      git.write({ "shared/text.txt": text });
      await workshop().built(git, ["two"]);
      expect(workshop().run("two")).toBe(`${text}\n`);
    }
  });
});
