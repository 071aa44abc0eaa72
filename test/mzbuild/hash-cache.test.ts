import { hash } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { hashCache } from "../../mzbuild/git/hash-cache.ts";
import { type FileHasher, fileHasher } from "../../mzbuild/git/hash-files.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "hash-cache-"));
  file = join(directory, "file");
  writeFileSync(file, "before");
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
});

/** A run that begins `laterMs` after now: hashes the file and saves; says how many files were really read. */
async function run(laterMs: number, cache = join(directory, "cache/of/hashes")) {
  let read = 0;
  const reading = fileHasher();
  const hasher: FileHasher = {
    hash: (files) => {
      read += files.length;
      return reading.hash(files);
    },
  };
  const hashes = hashCache({ file: cache, startedMs: Date.now() + laterMs, hasher });
  const [sha1] = await hashes.hash([{ path: file, state: statSync(file) }]);
  hashes.save();
  return { sha1, read };
}

const LATER = 60_000;

describe("a file that has rested when the run begins", () => {
  test("is read by the first run only", async () => {
    const first = await run(LATER);
    expect(first.read).toBe(1);
    expect(await run(LATER)).toEqual({ sha1: first.sha1, read: 0 });
  });

  test.each<[string, () => void]>([
    ["its content changes, though size and date stay", () => rewrite("behind")],
    ["it is replaced by another of the same size and date", () => replace("behind")],
    ["it grows", () => writeFileSync(file, "more than before")],
    ["its mode changes", () => chmodSync(file, 0o755)],
  ])("is read again when %s", async (_, change) => {
    await run(LATER);
    change();
    const again = await run(LATER);
    expect(again.read).toBe(1);
    expect(again.sha1).toBe(hash("sha1", readFileSync(file)));
  });
});

test("a file that may still be changing is read by every run, until it rests", async () => {
  expect((await run(0)).read).toBe(1);
  expect((await run(0)).read).toBe(1);
  expect((await run(LATER)).read).toBe(1);
  expect((await run(LATER)).read).toBe(0);
});

test("the date of a file is not believed where the clock was set back", async () => {
  utimesSync(file, new Date(Date.now() + 10 * LATER), new Date(Date.now() + 10 * LATER));
  expect((await run(LATER)).read).toBe(1);
  expect((await run(LATER)).read).toBe(1);
});

test.each<[string, (content: Buffer) => Buffer]>([
  ["cut off", (content) => content.subarray(0, content.length - 5)],
  ["empty", () => Buffer.alloc(0)],
  ["changed in one bit", (content) => content.map((byte, index) => (index === 90 ? byte ^ 1 : byte)) as Buffer],
  ["something else", () => Buffer.from("something else")],
])("a cache that is %s is not believed, and replaced", async (_, damage) => {
  const cache = join(directory, "damaged");
  const { sha1 } = await run(LATER, cache);
  writeFileSync(cache, damage(readFileSync(cache)));
  expect(await run(LATER, cache)).toEqual({ sha1, read: 1 });
  expect(await run(LATER, cache)).toEqual({ sha1, read: 0 });
});

test("a cache that can't be written is done without", async () => {
  const cache = join(file, "below a file");
  expect((await run(LATER, cache)).read).toBe(1);
  expect((await run(LATER, cache)).read).toBe(1);
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
