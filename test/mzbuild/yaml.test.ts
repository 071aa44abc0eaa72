import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BuildError } from "../../llb/index.ts";
import { parseYaml } from "../../mzbuild/yaml/parse-yaml.ts";
import { pythonStr, pythonTruth } from "../../mzbuild/yaml/python-text.ts";
import type { YamlNode } from "../../mzbuild/yaml/yaml-node.ts";
import { errorOf } from "./errors.ts";

const data = (name: string) => readFileSync(new URL(`../testdata/mzbuild-yaml/${name}`, import.meta.url), "utf8");
const parse = (text: string) => parseYaml("f.yml", Buffer.from(text));

const PYTHON_TYPES = {
  string: "str",
  integer: "int",
  float: "float",
  boolean: "bool",
  null: "NoneType",
  timestamp: "date",
  binary: "bytes",
  mapping: "dict",
  sequence: "list",
} as const satisfies Record<YamlNode["kind"], string>;

describe("a YAML value", () => {
  const rows = data("scalars.txt")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" | "));

  it.each(rows)("%s is for us what it is for PyYAML: %s %s", (text = "", type = "", printed = "", truth = "") => {
    const source = /^[[{]/.test(text) ? text : `[${text}]`;
    if (type === "error") {
      expect(errorOf(() => parse(source)).code).toBe("bad-yaml");
      return;
    }
    const document = parse(source);
    const value = source === text || document.kind !== "sequence" ? document : document.items[0]!;
    expect([PYTHON_TYPES[value.kind], pythonStr(value), pythonTruth(value) ? "True" : "False"]).toEqual([
      type.replace("datetime", "date"),
      printed,
      truth,
    ]);
  });
});

describe("a YAML document", () => {
  const documents: readonly { text: string; repr?: string; error?: string }[] = JSON.parse(data("documents.json"));

  it.each(documents)("$text is for us what it is for PyYAML", ({ text, repr }) => {
    if (repr === undefined) {
      expect(errorOf(() => parse(text)).code).toBe("bad-yaml");
    } else {
      // repr() is what str() prints of anything in a list.
      const list: YamlNode = { kind: "sequence", items: [parse(text)], at: parse("").at };
      expect(pythonStr(list)).toBe(`[${repr}]`);
    }
  });

  it.each([
    ["a: 1\nb: [x, *y]\n", 2, 8, 10],
    ["a:\n  - !foo x\n", 2, 10, 11],
    ["a: 2024-02-30\n", 1, 4, 14],
    ["a: 'x\ny'\nb: [\nz, *y]\n", 4, 4, 6],
    ["a: [x,\ny\n", 2, 1, 2],
    ["größe: ['\u{1f600}', *y]\n", 1, 15, 17],
  ])("with a fault in %j is refused at line %i, columns %i to %i", (text, line, from, to) => {
    expect(errorOf(() => parse(text)).at[0]).toEqual({
      file: "f.yml",
      start: { line, column: from },
      end: { line, column: to },
    });
  });

  it("that is not UTF-8 is refused", () => {
    expect(() => parseYaml("f.yml", Uint8Array.of(0x61, 0xff))).toThrow(BuildError);
  });

  it("that is deep in aliases is read in no time", () => {
    const levels = Array.from({ length: 40 }, (_, level) => `l${level + 1}: &l${level + 1} [*l${level}, *l${level}]`);
    expect(parse(["l0: &l0 x", ...levels].join("\n")).kind).toBe("mapping");
  });

  it("whose value contains itself is refused", () => {
    expect(errorOf(() => parse("a: &a [*a]\n")).message).toContain("cannot contain itself");
  });
});
