import { expect, test } from "vitest";
import { HashTable } from "../../mzbuild/git/hash-table.ts";

const state = { size: 1, mtimeMs: 2.5, ctimeMs: 3.25, ino: 4 };
const sum = (number: number): string => number.toString(16).padStart(40, "0");

test("of thousands of paths, each finds its own hash, also in a table made of another's columns", () => {
  const table = new HashTable();
  for (let index = 0; index < 5000; index++) table.set(`/a/b/${index}`, { ...state, ino: index }, sum(index));
  const copy = new HashTable(table.columns);
  for (const one of [table, copy]) {
    for (let index = 0; index < 5000; index++) {
      expect(one.get(`/a/b/${index}`, { ...state, ino: index })).toBe(sum(index));
    }
    expect(one.get("/a/b/5000", { ...state, ino: 5000 })).toBeUndefined();
  }
});

test("a path has one entry, that of its last state, until it is taken away", () => {
  const table = new HashTable();
  table.set("/a", state, sum(1));
  table.set("/a", { ...state, size: 2 }, sum(2));
  expect(table.get("/a", state)).toBeUndefined();
  expect(table.get("/a", { ...state, size: 2 })).toBe(sum(2));
  expect(table.columns.sums).toHaveLength(20);
  expect([table.delete("/a"), table.delete("/a"), table.delete("/b")]).toEqual([true, false, false]);
  expect(table.get("/a", { ...state, size: 2 })).toBeUndefined();
});

test.each(["size", "mtimeMs", "ctimeMs", "ino"] as const)("another %s is another state", (name) => {
  const table = new HashTable();
  table.set("/a", state, sum(1));
  expect(table.get("/a", { ...state, [name]: 99 })).toBeUndefined();
});
