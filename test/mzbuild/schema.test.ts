import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { isRight, type Schema } from "./json-schema.ts";

/** From the project's root, where tests run. */
const schema: Schema = JSON.parse(readFileSync("docs/mzbuild.schema.json", "utf8"));
const check = (text: string) => isRight(schema, parse(text), schema);

describe("the schema for editors accepts", () => {
  const files = readdirSync("examples", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("mzbuild.yml"))
    .map((path) => `examples/${path}`);
  test("every image of the examples", () => {
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect([file, check(readFileSync(file, "utf8"))]).toEqual([file, true]);
  });

  test("all keys", () => {
    const text = `
name: Image-1
description: text
publish: false
mainline: true
build-args: { A: 1, B: x, C: true }
pre-image:
  - { type: copy, source: ., destination: a/b, matching: "*.sql" }
  - { type: cargo-build, bin: one, example: [two], features: [p/f], strip: false, extract: { p: { a: b } } }
`;
    expect(check(text)).toBe(true);
  });
});

describe("the schema for editors refuses, as the command does,", () => {
  test.each([
    ["no name", "description: x"],
    ["a name with another character", "name: a_b"],
    ["a pre-image that is no list", "name: a\npre-image: { type: copy, source: ., destination: . }"],
    ["an unknown type of pre-image", "name: a\npre-image: [{ type: copi, source: ., destination: . }]"],
    ["a copy from nowhere", "name: a\npre-image: [{ type: copy, destination: . }]"],
    ["a copy from outside", "name: a\npre-image: [{ type: copy, source: ../x, destination: . }]"],
    ["a cargo build of nothing", "name: a\npre-image: [{ type: cargo-build, strip: true }]"],
    ["a binary that is no name", "name: a\npre-image: [{ type: cargo-build, bin: 1 }]"],
    ["an empty file", ""],
  ])("%s", (_, text) => {
    expect(check(text)).toBe(false);
  });
});
