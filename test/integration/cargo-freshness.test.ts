// Whatever a cache has seen before, a program is that of its sources: random histories of two checkouts with two branches each,
// on one cache, compared with what the sources say and, byte by byte, with builds from nothing.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { GitRepository } from "../mzbuild/git-repository.ts";
import { setClockBack } from "./cargo-builds.ts";
import { eachWithWorkshop, small } from "./cargo-workshop.ts";

const workshop = eachWithWorkshop();

/** What the workspace's files say. */
interface Said {
  readonly main: string;
  readonly lib: string;
  readonly note: string;
  /** Files that a build script reads, by name. */
  readonly data: Readonly<Record<string, string>>;
  /** Whether the library's text is in a module's file of its own, or in a directory's, or in none. */
  readonly module: "file" | "directory" | "none";
  /** Which note a link points to, that is compiled in. */
  readonly link: "note.txt" | "other.txt";
  readonly unrelated: string;
}

const text = fc.constantFrom("A", "B", "C");
/** One thing that changes; all other files stay as they are. */
const edits: fc.Arbitrary<Partial<Said>> = fc.oneof(
  fc.record({ main: text }),
  fc.record({ lib: text }),
  fc.record({ note: text }),
  fc.record({
    data: fc.dictionary(fc.constantFrom("first", "second"), text, { minKeys: 1, noNullPrototype: true }),
  }),
  fc.record({ module: fc.constantFrom("file", "directory", "none") }),
  fc.record({ link: fc.constantFrom("note.txt", "other.txt") }),
);
const step = fc.record({
  checkout: fc.constantFrom(0, 1),
  branch: fc.constantFrom("main", "side"),
  /** What is committed to the branch before the build; undefined only switches to it. */
  edit: fc.option(edits, { nil: undefined, freq: 6 }),
  clockSetBack: fc.nat(7).map((dice) => dice === 0),
});

function filesOf({ main, lib, note, data, module, link, unrelated }: Said): Readonly<Record<string, string>> {
  const own = `pub fn own() -> &'static str { "${lib}" }\n`;
  return {
    "src/one/src/main.rs": `fn main() { println!("${main} {}", lib::text()) }\n`,
    "src/lib/src/lib.rs": `${module === "none" ? `mod own { ${own} }` : "mod own;"}
pub fn text() -> String {
    format!("{} {} {} {}", own::own(), env!("DATA"), include_str!("note.txt"), include_str!("link.txt"))
}
`,
    ...(module === "none" ? {} : { [module === "file" ? "src/lib/src/own.rs" : "src/lib/src/own/mod.rs"]: own }),
    "src/lib/src/note.txt": note,
    "src/lib/src/other.txt": "other",
    "src/lib/src/link.txt": `-> ${link}`,
    "src/one/README.md": unrelated,
    ...Object.fromEntries(Object.entries(data).map(([name, content]) => [`src/lib/data/${name}`, content])),
  };
}

/** Touches the files that differ, and no others: the rest keep their times, as with an editor and with git. */
function change(git: GitRepository, from: Said | undefined, to: Said): void {
  const before = from === undefined ? {} : filesOf(from);
  const after = filesOf(to);
  for (const path of Object.keys(before)) if (!(path in after)) git.remove(path);
  git.write(Object.fromEntries(Object.entries(after).filter(([path, content]) => before[path] !== content)));
  git.commit();
}

function printed({ main, lib, note, data, link }: Said): string {
  const joined = Object.keys(data)
    .sort()
    .map((name) => data[name])
    .join("+");
  return `${main} ${lib} ${joined} ${note} ${link === "note.txt" ? note : "other"}\n`;
}

test("a program is what its sources say, whatever history its cache has", async () => {
  const first: Said = {
    main: "A",
    lib: "A",
    note: "A",
    data: { first: "A" },
    module: "file",
    link: "note.txt",
    unrelated: "",
  };
  const checkouts = ["mine", "yours"].map((name) => {
    const git = workshop().checkout(name, small);
    git.remove("src/lib/data");
    change(git, undefined, first);
    git.git("branch", "side");
    return git;
  });
  const states = new Map<string, Said>();
  // What cargo keeps of incremental compilations makes other bytes of the same program.
  const env = { CARGO_INCREMENTAL: "0" };
  const seed = Number(process.env["MZBUILD_FRESHNESS_SEED"] ?? 8);
  const steps = Number(process.env["MZBUILD_FRESHNESS_STEPS"] ?? 14);
  const [history = []] = fc.sample(fc.array(step, { minLength: steps, maxLength: steps }), { numRuns: 1, seed });
  let timesSetBack = 0;
  for (const [index, { checkout, branch, edit, clockSetBack }] of history.entries()) {
    const git = checkouts[checkout]!;
    git.git("switch", "--quiet", branch);
    const key = `${checkout} ${branch}`;
    const before = states.get(key) ?? first;
    // Something always differs, so that no build is one of BuildKit's cache: cargo has to decide each time.
    const state = { ...before, ...edit, unrelated: String(index) };
    states.set(key, state);
    change(git, before, state);
    if (clockSetBack && index > 0) {
      const repository = await git.open();
      await setClockBack(workshop().engine, { repository, root: git.root, id: workshop().id, images: ["one"], env });
    }
    const { log } = await workshop().built(git, ["one"], { env });
    if (log.includes("the clock was set back")) timesSetBack++;
    const where = `step ${index} of seed ${seed}: ${JSON.stringify(history.slice(0, index + 1))}`;
    expect(workshop().run("one"), where).toBe(printed(state));
    if (index % 4 !== 3) continue;
    const program = readFileSync(workshop().taken("one", "one"));
    await workshop().built(git, ["one"], { env, id: `${workshop().id}-nothing-${index}` });
    expect(readFileSync(workshop().taken("one", "one")).equals(program), where).toBe(true);
  }
  expect(timesSetBack).toBeGreaterThan(0);
});
