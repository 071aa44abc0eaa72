import { describe, expect, it } from "vitest";
import { LogTail } from "../../../cli/progress/log-tail.ts";

function tail(options: Partial<ConstructorParameters<typeof LogTail>[0]> = {}): {
  readonly log: LogTail;
  add(data: string | number[], stream?: "stdout" | "stderr", timestampMs?: number): void;
  lines(): string[];
} {
  const log = new LogTail({ maxLength: 1_000_000, ...options });
  return {
    log,
    add: (data, stream = "stdout", timestampMs = 0) =>
      log.add({ data: Buffer.from(data as string), stream, timestampMs }),
    lines: () => log.from(0).lines.map(({ text }) => text),
  };
}

describe("the output of a step", () => {
  it("is cut into lines wherever its pieces end", () => {
    const { add, lines, log } = tail();
    for (const piece of ["a", "b\nc", "\n\n", "d\r", "\ne"]) add(piece);
    expect(lines()).toEqual(["ab", "c", "", "d"]);
    expect(log.last(2).map(({ text }) => text)).toEqual(["d", "e"]);
  });

  it("keeps characters whole that come in two pieces, though the other stream writes in between", () => {
    const { add, lines } = tail();
    add([0xe4, 0xbd]);
    add("x", "stderr");
    add([0xa0, 0x0a]);
    expect(lines()).toEqual(["x你"]);
  });

  it("shows bytes that are no UTF-8 as replacement characters", () => {
    const { add, lines } = tail();
    add([0x61, 0xff, 0x62, 0x0a]);
    expect(lines()).toEqual(["a\ufffdb"]);
  });

  it("keeps of a line that is written anew what stands there last", () => {
    const { add, lines } = tail();
    for (let percent = 0; percent <= 100; percent++) add(`\r${percent} %`);
    add("\ndone\n");
    expect(lines()).toEqual(["100 %", "done"]);
  });

  it("keeps one state a second of a line that is written anew, if told to", () => {
    const { add, lines } = tail({ keepRewritesEveryMs: 1000 });
    for (let tenth = 0; tenth < 25; tenth++) add(`${tenth}\r`, "stdout", tenth * 100);
    add("end\n", "stdout", 2500);
    expect(lines()).toEqual(["0", "10", "20", "end"]);
  });

  it("ends a line that doesn't end by itself", () => {
    const { add, lines } = tail();
    add("x".repeat(40_000));
    expect(lines().map(({ length }) => length)).toEqual([16_384, 16_384]);
  });

  it("forgets its oldest lines where there are too many, and says how many", () => {
    const { log, add } = tail({ maxLength: 10_000 });
    for (let index = 0; index < 100_000; index++) add(`line ${index}\n`);
    const { lines, missing } = log.from(0);
    expect(lines.reduce((sum, { text }) => sum + text.length + 1, 0)).toBeLessThanOrEqual(10_000);
    expect(missing + lines.length).toBe(100_000);
    expect(lines.at(-1)?.text).toBe("line 99999");
    expect(log.from(99_998)).toMatchObject({ missing: 0, lines: [{ text: "line 99998" }, { text: "line 99999" }] });
  });

  it("stays counted when it is cleared", () => {
    const { log, add } = tail();
    add("a\nb\n");
    log.clear();
    add("c\n");
    expect(log.count).toBe(3);
    expect(log.from(2).lines.map(({ text }) => text)).toEqual(["c"]);
  });

  it("is whole when the last line was not ended", () => {
    const { log, add, lines } = tail();
    add("a\nb");
    log.flush();
    expect(lines()).toEqual(["a", "b"]);
  });
});
