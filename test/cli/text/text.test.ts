import { describe, expect, it } from "vitest";
import {
  bytes,
  colouredLine,
  counted,
  cut,
  displayWidth,
  duration,
  paintWith,
  plainLine,
  spread,
} from "../../../cli/text/index.ts";

describe("the width of a text", () => {
  it.each([
    ["", 0],
    ["abc", 3],
    ["é", 1],
    ["e\u0301", 1],
    ["你好", 4],
    ["ｗｉｄｅ", 8],
    ["한국어", 6],
    ["ひらがな", 8],
    ["👩‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["❤\ufe0f", 2],
    ["✔", 1],
    ["│━", 2],
    ["\u200b", 0],
  ])("%j takes %i columns", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe("cutting", () => {
  it.each([
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["你好吗", 6, "你好吗"],
    ["你好吗", 5, "你好…"],
    ["你好吗", 4, "你…"],
    ["a bc", 3, "a…"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
    ["abc", -5, ""],
  ])("%j to %i columns gives %j", (text, columns, expected) => {
    expect(cut(text, columns)).toBe(expected);
  });

  it("keeps what stands at the right end", () => {
    expect(spread("a long name of a step", "12.3s", 20)).toEqual({ left: "a long name o…", right: " 12.3s" });
    expect(spread("name", "12.3s", 20)).toEqual({ left: "name", right: "           12.3s" });
  });

  it("leaves the right end out of a narrow line", () => {
    expect(spread("a long name", "12.3s", 10)).toEqual({ left: "a long na…", right: "" });
  });
});

describe("a line of a program", () => {
  it.each([
    ["\x1b[1m\x1b[32m   Compiling\x1b[0m serde", "   Compiling serde"],
    ["\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"],
    ["a\tb\tc", "a       b       c"],
    ["你\tb", "你      b"],
    ["bell\x07 back\x08 c1\x9b", "bell back c1"],
    ["\x1b[2K50 %", "50 %"],
    ["cut off \x1b[3", "cut off "],
  ])("%j is shown as %j", (line, expected) => {
    expect(plainLine(line)).toBe(expected);
  });

  it("keeps its colours if they are wanted, and ends them", () => {
    expect(colouredLine("\x1b[1;31mred\x1b[0m\x1b[2K")).toBe("\x1b[1;31mred\x1b[0m\x1b[0m");
    expect(colouredLine("no colours")).toBe("no colours");
  });
});

describe("amounts", () => {
  it.each([
    [0, "0.0s"],
    [-5, "0.0s"],
    [940, "0.9s"],
    [59_940, "59.9s"],
    [59_960, "1m00s"],
    [65_000, "1m05s"],
    [3_599_600, "1h00m"],
    [3_725_000, "1h02m"],
  ])("%i ms are %s", (ms, expected) => {
    expect(duration(ms)).toBe(expected);
  });

  it.each([
    [0, "0B"],
    [731, "731B"],
    [1000, "1.00kB"],
    [30_009_400, "30.01MB"],
    [5e15, "5000.00TB"],
  ])("%i bytes are %s", (count, expected) => {
    expect(bytes(count)).toBe(expected);
  });

  it("counts one thing as one", () => {
    expect([counted(0, "image"), counted(1, "image"), counted(2, "image")]).toEqual([
      "0 images",
      "1 image",
      "2 images",
    ]);
  });
});

describe("paint", () => {
  it("colours whatever the process thinks of its own streams", () => {
    expect(paintWith(true)("bad", "x")).toBe("\x1b[1m\x1b[31mx\x1b[39m\x1b[22m");
  });

  it("leaves texts alone where no colours are wanted", () => {
    expect(paintWith(false)("bad", "x")).toBe("x");
  });
});
