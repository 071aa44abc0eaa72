/**
 * What ADD takes a source for: git, the web, or a file. The expected values are those of BuildKit's frontend:
 * `oracle --case` of a Dockerfile with `FROM scratch` and `ADD SOURCE /d`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileText, verticesOf } from "./compile-text.ts";

interface Expected {
  readonly source: string;
  readonly error?: string;
  readonly op?: { readonly identifier: string; readonly attrs: Readonly<Record<string, string>> };
}

const table = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../testdata/add-sources/expected.json"), "utf8"),
) as readonly Expected[];

test.each(table)("ADD $source is what it is for BuildKit", ({ source, error, op }) => {
  const add = () => compileText(`FROM scratch\nADD ${source} /d\n`, { sessionId: "conformance-session" });
  if (error !== undefined) {
    expect(add).toThrow(expect.objectContaining({ message: error }));
    return;
  }
  const sources = verticesOf(add().output).flatMap((vertex) => (vertex.op.kind === "source" ? [vertex.op] : []));
  const found = sources.map(({ identifier, attrs }) => ({ identifier, attrs }));
  expect(found).toEqual(Array.isArray(op) ? expect.arrayContaining(op) : [op]);
});
