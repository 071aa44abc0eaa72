import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { syncSourcesScript } from "../../../../mzbuild/pre-image/cargo-build/sync-sources-script.ts";

type Entry =
  | { readonly kind: "file"; readonly text: string; readonly executable: boolean }
  | { readonly kind: "link"; readonly to: string };
type Tree = ReadonlyMap<string, Entry>;

let root: string;
let work: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mzbuild-sync-"));
  work = join(root, "work");
});
afterEach(() => rmSync(root, { recursive: true }));

const file = (text: string, executable = false): Entry => ({ kind: "file", text, executable });

function sync(tree: Tree): string {
  const sources = join(root, "sources");
  rmSync(sources, { recursive: true, force: true });
  mkdirSync(sources);
  for (const [path, entry] of tree) {
    const at = join(sources, path);
    mkdirSync(dirname(at), { recursive: true });
    if (entry.kind === "link") symlinkSync(entry.to, at);
    else writeFileSync(at, entry.text, { mode: entry.executable ? 0o755 : 0o644 });
    // As in a layer that comes from a cache: older than everything else.
    if (entry.kind === "file") utimesSync(at, 1e9, 1e9);
  }
  const script = `set -eu\n${syncSourcesScript}\nsync_sources "$1" "$2" 2>&1`;
  return execFileSync("sh", ["-c", script, "sh", work, sources], { encoding: "utf8" });
}

/** What cargo writes when it has compiled. */
function compile(): bigint {
  const artefact = join(work, "target", "artefact");
  writeFileSync(artefact, "");
  return lstatSync(artefact, { bigint: true }).mtimeNs;
}

type Present = Entry & { readonly time: bigint };

function present(): Map<string, Present> {
  const source = join(work, "source");
  const found = new Map<string, Present>();
  for (const path of readdirSync(source, { recursive: true, encoding: "utf8" })) {
    const at = join(source, path);
    const { mtimeNs: time, mode } = lstatSync(at, { bigint: true });
    const kind = Number(mode & 0o170000n);
    if (kind === 0o120000) found.set(path, { kind: "link", to: readlinkSync(at), time });
    if (kind === 0o100000) found.set(path, { ...file(readFileSync(at, "utf8"), (mode & 0o100n) !== 0n), time });
  }
  return found;
}

const plain = (entries: ReturnType<typeof present>): Tree =>
  new Map([...entries].map(([path, { time: _time, ...entry }]) => [path, entry]));

const sorted = (tree: Tree) => [...tree].sort(([a], [b]) => (a < b ? -1 : 1));

/** A few paths, so that files, links and directories take each other's places. */
const paths = [
  "Cargo.toml",
  "a.rs",
  "src",
  "src/lib.rs",
  "src/x",
  "src/x/y.rs",
  "with space/ö 'quoted'.rs",
  "back\\slash",
  "line\nbreak",
];
const entries = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("file" as const),
      text: fc.constantFrom("A", "B", ""),
      executable: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("link" as const), to: fc.constantFrom("a.rs", "nowhere") }) },
);
const trees = fc.dictionary(fc.constantFrom(...paths), entries, { noNullPrototype: true }).map((choice): Tree => {
  const taken = Object.entries(choice);
  // A path cannot be below a file.
  return new Map(taken.filter(([path]) => !taken.some(([other]) => path.startsWith(`${other}/`))));
});

test("after any sequence of trees cargo sees the last one, new in just what is different from the one before", () => {
  fc.assert(
    fc.property(fc.array(trees, { minLength: 2, maxLength: 4 }), (sequence) => {
      rmSync(work, { recursive: true, force: true });
      let compiled = 0n;
      let before = new Map<string, Present>();
      for (const tree of sequence) {
        sync(tree);
        const now = present();
        const manifest = before.get("Cargo.toml");
        const behind = manifest !== undefined && "to" in manifest ? manifest.to : undefined;
        expect(sorted(plain(now))).toEqual(sorted(tree));
        for (const [path, { time, ...entry }] of now) {
          const old = before.get(path);
          const same =
            old !== undefined && JSON.stringify({ ...old, time: 0 }) === JSON.stringify({ ...entry, time: 0 });
          // The manifest of a package, or what it is a link to, may be new to tell of a removed file.
          if (same && path !== "Cargo.toml" && path !== behind) expect(time).toBe(old.time);
          if (!same) expect(time > compiled).toBe(true);
        }
        compiled = compile();
        before = now;
      }
    }),
    { numRuns: 12, seed: 12 },
  );
}, 60_000);

test("a file that returns to what it was is new all the same, though it comes with its old time", () => {
  sync(new Map([["main.rs", file("A")]]));
  compile();
  sync(new Map([["main.rs", file("B")]]));
  const compiled = compile();
  sync(
    new Map([
      ["main.rs", file("A")],
      ["other", file("")],
    ]),
  );
  expect(present().get("main.rs")?.time).toBeGreaterThan(compiled);
});

test("a removed file makes the manifest of its package new, and no other", () => {
  const manifests: Tree = new Map([
    ["Cargo.toml", file("root")],
    ["a/Cargo.toml", file("a")],
    ["a/src/lib.rs", file("a")],
  ]);
  sync(new Map([...manifests, ["a/data/old.txt", file("old")]]));
  const compiled = compile();
  const root = present().get("Cargo.toml")?.time;
  sync(manifests);
  expect(present().get("a/Cargo.toml")?.time).toBeGreaterThan(compiled);
  expect(present().get("Cargo.toml")?.time).toBe(root);
});

test("a directory that loses its last file is gone", () => {
  sync(
    new Map([
      ["a/b/c", file("")],
      ["d", file("")],
    ]),
  );
  sync(new Map([["d", file("")]]));
  expect(readdirSync(join(work, "source"))).toEqual(["d"]);
});

test("artefacts from the future go, with a word, so that they cannot hide a change", () => {
  const tree: Tree = new Map([["main.rs", file("A")]]);
  sync(tree);
  compile();
  const future = Date.now() / 1000 + 3600;
  utimesSync(join(work, "target", "artefact"), future, future);
  expect(sync(tree)).toContain("clock was set back");
  expect(readdirSync(join(work, "target"))).toEqual([]);
  expect(sync(tree)).toBe("");
});

test("a file that a build script changed or left in the sources is put right", () => {
  const tree: Tree = new Map([["src/lib.rs", file("A")]]);
  sync(tree);
  writeFileSync(join(work, "source/src/lib.rs"), "overwritten");
  writeFileSync(join(work, "source/src/generated.rs"), "generated");
  const compiled = compile();
  sync(tree);
  expect(sorted(plain(present()))).toEqual(sorted(tree));
  expect(present().get("src/lib.rs")?.time).toBeGreaterThan(compiled);
});

test("a sync that is cut short is made up for by the next", () => {
  const tree: Tree = new Map([
    ["a", file("new a")],
    ["b", file("new b")],
  ]);
  sync(
    new Map([
      ["a", file("old a")],
      ["b", file("old b")],
    ]),
  );
  const compiled = compile();
  writeFileSync(join(work, "source/a"), "new");
  sync(tree);
  expect(sorted(plain(present()))).toEqual(sorted(tree));
  for (const path of tree.keys()) expect(present().get(path)?.time).toBeGreaterThan(compiled);
});

test("a file that cannot be read stops the build", () => {
  const fake = join(root, "bin");
  mkdirSync(fake);
  writeFileSync(join(fake, "sha256sum"), "#!/bin/sh\necho unreadable >&2\nexit 1\n");
  chmodSync(join(fake, "sha256sum"), 0o755);
  mkdirSync(join(root, "sources"));
  writeFileSync(join(root, "sources", "a"), "");
  const script = `PATH=${fake}:$PATH\nset -eu\n${syncSourcesScript}\nsync_sources ${work} ${join(root, "sources")}`;
  expect(() => execFileSync("sh", ["-c", script], { stdio: "pipe" })).toThrow("unreadable");
});
