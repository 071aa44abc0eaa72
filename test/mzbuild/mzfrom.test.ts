import { describe, expect, it } from "vitest";
import { renderMzfrom, scanMzfrom } from "../../mzbuild/index.ts";

const names = (text: string) => scanMzfrom("Dockerfile", Buffer.from(text)).map(({ value }) => value);
const render = (text: string) => Buffer.from(renderMzfrom(Buffer.from(text), (name) => `<${name}>`)).toString();

describe("MZFROM", () => {
  it.each([
    ["MZFROM base\n", ["base"], "FROM <base>\n"],
    ["MZFROM base", ["base"], "FROM <base>"],
    ["MZFROMbase AS x\n", ["base"], "FROM <base> AS x\n"],
    ["MZFROM\t \tbase\t as x\r\n", ["base"], "FROM <base>\t as x\r\n"],
    ["MZFROM\rbase\r\n", ["base"], "FROM <base>\r\n"],
    ["MZFROM\vbase\fx\n", ["base"], "FROM <base>\fx\n"],
    ["MZFROM\u00a0base x\n", ["\u00a0base"], "FROM <\u00a0base> x\n"],
    ["MZFROM größe x\n", ["größe"], "FROM <größe> x\n"],
    ["MZFROM --platform=x  base AS y\n", ["base"], "FROM --platform=x  <base> AS y\n"],
    ["MZFROM --platform=x\n", ["--platform=x"], "FROM <--platform=x>\n"],
    ["MZFROM a\nMZFROM b\nMZFROM a\n", ["a", "b", "a"], "FROM <a>\nFROM <b>\nFROM <a>\n"],
    ["RUN <<E\nMZFROM inside\nE\n", ["inside"], "RUN <<E\nFROM <inside>\nE\n"],
    ["MZFROM\n", [], "MZFROM\n"],
    ["MZFROM\nbase\n", [], "MZFROM\nbase\n"],
    [
      " MZFROM base\nmzfrom base\n# MZFROM base\nFROM base\n",
      [],
      " MZFROM base\nmzfrom base\n# MZFROM base\nFROM base\n",
    ],
    ["\ufeffMZFROM base\n", [], "\ufeffMZFROM base\n"],
    ["a\rMZFROM base\n", [], "a\rMZFROM base\n"],
    ["", [], ""],
  ])("in %j names %j", (text, expected, rendered) => {
    expect(names(text)).toEqual(expected);
    expect(render(text)).toBe(rendered);
  });

  it("leaves bytes that are not UTF-8 as they are", () => {
    const bytes = Buffer.concat([Buffer.from("# "), Buffer.of(0xff, 0xfe), Buffer.from("\nMZFROM a \xff\n", "latin1")]);
    const expected = Buffer.concat([
      Buffer.from("# "),
      Buffer.of(0xff, 0xfe),
      Buffer.from("\nFROM b \xff\n", "latin1"),
    ]);
    expect(Buffer.from(renderMzfrom(bytes, () => "b"))).toEqual(expected);
  });

  it("knows the place of each name", () => {
    const [, second] = scanMzfrom("d/Dockerfile", Buffer.from("MZFROM a\nMZFROM  bcd AS x\n"));
    expect(second?.at).toEqual({ file: "d/Dockerfile", start: { line: 2, column: 9 }, end: { line: 2, column: 12 } });
  });
});
