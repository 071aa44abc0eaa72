import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { hashCache } from "../../mzbuild/git/hash-cache.ts";
import { contentHasher } from "../../mzbuild/git/hash-content.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "hash-cache-"));
  file = join(directory, "file");
  writeFileSync(file, "before");
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
});

/** A run that begins `laterMs` after now: hashes the file and saves; says what was really read. */
function run(laterMs: number, cache = join(directory, "cache/of/hashes")) {
  const read: string[] = [];
  const reading = contentHasher();
  const hasher = {
    hash: (...[path, stats]: Parameters<typeof reading.hash>) => {
      read.push(path);
      return reading.hash(path, stats);
    },
  };
  const hashes = hashCache({ file: cache, startedMs: Date.now() + laterMs, hasher });
  const sha1 = hashes.hash(file, statSync(file));
  hashes.save();
  return { sha1, read: read.length };
}

const LATER = 60_000;

describe("a file that has rested when the run begins", () => {
  test("is read by the first run only", () => {
    const first = run(LATER);
    expect(first.read).toBe(1);
    expect(run(LATER)).toEqual({ sha1: first.sha1, read: 0 });
  });

  test.each<[string, () => void]>([
    ["its content changes, though size and date stay", () => rewrite("behind")],
    ["it is replaced by another of the same size and date", () => replace("behind")],
    ["it grows", () => writeFileSync(file, "more than before")],
    ["its mode changes", () => chmodSync(file, 0o755)],
  ])("is read again when %s", (_, change) => {
    run(LATER);
    change();
    const again = run(LATER);
    expect(again.read).toBe(1);
    expect(again.sha1).toBe(contentHasher().hash(file, statSync(file)));
  });
});

test("a file that may still be changing is read by every run, until it rests", () => {
  expect(run(0).read).toBe(1);
  expect(run(0).read).toBe(1);
  expect(run(LATER).read).toBe(1);
  expect(run(LATER).read).toBe(0);
});

test("the date of a file is not believed where the clock was set back", () => {
  utimesSync(file, new Date(Date.now() + 10 * LATER), new Date(Date.now() + 10 * LATER));
  expect(run(LATER).read).toBe(1);
  expect(run(LATER).read).toBe(1);
});

test.each<[string, (content: Buffer) => Buffer]>([
  ["cut off", (content) => content.subarray(0, content.length - 5)],
  ["empty", () => Buffer.alloc(0)],
  ["changed in one bit", (content) => content.map((byte, index) => (index === 90 ? byte ^ 1 : byte)) as Buffer],
  ["something else", () => Buffer.from("something else")],
])("a cache that is %s is not believed, and replaced", (_, damage) => {
  const cache = join(directory, "damaged");
  const { sha1 } = run(LATER, cache);
  writeFileSync(cache, damage(readFileSync(cache)));
  expect(run(LATER, cache)).toEqual({ sha1, read: 1 });
  expect(run(LATER, cache)).toEqual({ sha1, read: 0 });
});

test("a cache that can't be written is done without", () => {
  const cache = join(file, "below a file");
  expect(run(LATER, cache).read).toBe(1);
  expect(run(LATER, cache).read).toBe(1);
});

function rewrite(content: string): void {
  const { atime, mtime } = statSync(file);
  writeFileSync(file, content);
  utimesSync(file, atime, mtime);
}

function replace(content: string): void {
  const { atime, mtime } = statSync(file);
  writeFileSync(`${file}.new`, content);
  utimesSync(`${file}.new`, atime, mtime);
  renameSync(`${file}.new`, file);
}
