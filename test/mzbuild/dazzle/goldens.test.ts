// What the reference makes of the sample project: test/testdata/dazzle-sample/README.md.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  baseName,
  type ChunkHashes,
  chunkHashes,
  chunkImageName,
  chunkNamed,
  diskFiles,
  formatImageName,
  highwayHashOf,
  loadProject,
  type Project,
  parseTarget,
  writeTests,
} from "../../../mzbuild/index.ts";

interface ChunkGolden {
  readonly hash: string;
  readonly hash_with_tests: string;
  readonly names: Readonly<Record<string, string>>;
  readonly manifest: string;
}

interface TestGolden {
  readonly desc: string;
  readonly assert?: readonly string[];
}

interface Goldens {
  readonly hashing: {
    readonly base_image: string;
    readonly target: string;
    readonly order: readonly string[];
    readonly base: { readonly tag: string; readonly ref: string; readonly manifest: string };
    readonly chunks: Readonly<Record<string, ChunkGolden>>;
    readonly specs: readonly { readonly tests: readonly TestGolden[]; readonly yaml: string }[];
    readonly strings: readonly { readonly string: string; readonly yaml: string }[];
  };
  readonly combinations: Readonly<Record<string, { readonly chunks: readonly string[] }>>;
}

const goldens: Goldens = JSON.parse(readFileSync("test/testdata/dazzle-sample/goldens.json", "utf8"));
const { hashing } = goldens;

let directory = "";
let project: Project;
let hashes: ChunkHashes;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mzbuild-dazzle-"));
  const root = join(directory, "sample");
  execFileSync("test/testdata/dazzle-sample/make.sh", [root, hashing.base_image]);
  project = loadProject(diskFiles(root));
  hashes = chunkHashes(project);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("the sample project", () => {
  it("has its chunks in the order of building, without those that are left out", () => {
    expect(project.chunks.map(({ name }) => name)).toEqual(hashing.order);
  });

  it("names its base", () => {
    expect(formatImageName(baseName(project, hashes, parseTarget(hashing.target)))).toBe(
      `${hashing.target}:${hashing.base.tag}`,
    );
  });

  it("has the reference's manifests, hashes and names", () => {
    const baseRef: string = hashing.base.ref;
    const context = { hashes, target: parseTarget(hashing.target), baseRef };
    for (const [name, expected] of Object.entries(hashing.chunks)) {
      const chunk = chunkNamed(project, name);
      const text = Buffer.from(hashes.manifest(chunk, { baseRef, withTests: true })).toString("utf8");
      expect(text).toBe(expected.manifest);
      expect(hashes.hash(chunk, { baseRef, withTests: false })).toBe(expected.hash);
      expect(hashes.hash(chunk, { baseRef, withTests: true })).toBe(expected.hash_with_tests);
      for (const [type, image] of Object.entries(expected.names)) {
        expect(formatImageName(chunkImageName(chunk, type, context))).toBe(image);
      }
    }
    const base = Buffer.from(hashes.manifest(project.base, { baseRef, withTests: true })).toString("utf8");
    expect(base).toBe(hashing.base.manifest);
  });

  it("resolves its combinations", () => {
    expect(Object.fromEntries(project.combinations.map(({ name, chunks }) => [name, chunks]))).toEqual(
      Object.fromEntries(Object.entries(goldens.combinations).map(([name, { chunks }]) => [name, chunks])),
    );
  });
});

describe("tests in a hash", () => {
  it("are written as the reference writes them", () => {
    const empty = { desc: "", skip: false, user: "", command: [], entrypoint: [], env: [] };
    for (const { tests, yaml } of hashing.specs) {
      const specs = tests.map((test) => ({ ...empty, ...test, assertions: test.assert ?? [] }));
      expect(writeTests(specs)).toBe(yaml);
    }
  });

  it("have their strings in the reference's style", () => {
    const wrong = hashing.strings.flatMap(({ string, yaml }) => {
      const test = { skip: false, user: "", entrypoint: [] };
      const ours = writeTests([{ ...test, desc: string, command: [string, "x"], env: [string], assertions: [string] }]);
      return ours === yaml ? [] : [{ string, ours, yaml }];
    });
    expect(wrong).toEqual([]);
  });
});

describe("HighwayHash", () => {
  it("of nothing is the reference's", () => {
    expect(highwayHashOf(new Uint8Array())).toBe("18dc1fa787226a1c4c6f3968110f39f190b7acddb90cb7b9b151d0e06e576eee");
  });
});
