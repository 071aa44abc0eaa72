import { hash } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fileHasher } from "../../mzbuild/git/hash-files.ts";
import { startHashThread } from "../../mzbuild/git/hash-thread.ts";

function someFiles(count: number) {
  const directory = mkdtempSync(join(tmpdir(), "hash-files-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return Array.from({ length: count }, (_, index) => {
    const path = join(directory, `☃ ${index}`);
    const content = index % 100 === 0 ? "x".repeat(300_000 + index) : `content ${index}`;
    writeFileSync(path, content);
    return { path, state: statSync(path), sha1: hash("sha1", content) };
  });
}

test("of many files, read here and in a thread, each gets its own hash", async () => {
  const files = someFiles(1500);
  const hasher = fileHasher({ many: 500 });
  const slices = [files.slice(0, 600), files.slice(600, 601), files.slice(601)];
  const answers = await Promise.all(slices.map((slice) => hasher.hash(slice)));
  expect(answers.flat()).toEqual(files.map(({ sha1 }) => sha1));
});

test("a thread hashes what it is asked for, several times at once, and says how a file can't be read", async () => {
  const { hash } = await startHashThread();
  const files = someFiles(3).map(({ path, state, sha1 }) => ({ path, sizeBytes: state.size, sha1 }));
  const gone = { path: `${files[0]?.path} is not there`, sizeBytes: 1 };
  const [all, none] = await Promise.all([hash(files), hash([gone])]);
  expect(all).toEqual(files.map(({ sha1 }) => sha1));
  expect(none).toMatchObject([{ code: "ENOENT" }]);
});
