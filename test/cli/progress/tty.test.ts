import { describe, expect, it } from "vitest";
import { life, log, status, vertex } from "./events.ts";
import { type Playback, playback } from "./playback.ts";
import { recordedEvents } from "./recording.ts";
import { Screen } from "./screen.ts";

function onScreen(columns: number, rows: number): Playback & { readonly screen: Screen } {
  const screen = new Screen(columns, rows);
  const playing = playback({ mode: "tty", out: screen, columns: () => screen.columns, rows: () => screen.rows });
  return { ...playing, screen };
}

describe("progress on a terminal", () => {
  it.each([
    ["built", 300],
    ["built", 2200],
    ["built", 3500],
    ["failed", 400],
  ])("shows the build %s after %i ms as expected", async (name, ms) => {
    const { play, screen } = onScreen(80, 24);
    play(recordedEvents(name), ms);
    await expect(`${screen.text}\n`).toMatchFileSnapshot(`../../testdata/progress/${name}/tty-${ms}ms.txt`);
  });

  it.each(["built", "cached", "failed", "pulled"])("leaves nothing of the build %s but its summary", async (name) => {
    const { play, screen, progress } = onScreen(80, 24);
    play(recordedEvents(name));
    progress.finish(name === "failed" ? "failed" : "done");
    await expect(`${screen.text}\n`).toMatchFileSnapshot(`../../testdata/progress/${name}/tty-end.txt`);
  });

  it("draws no more often than ten times a second, however much happens", () => {
    const { play, screen } = onScreen(80, 24);
    play([vertex("a", { startedMs: 0 })]);
    for (let ms = 0; ms <= 1000; ms++) play([log("a", `${"x".repeat(200)}\n`, ms)]);
    expect(screen.writes).toHaveLength(10);
  });

  it("hides the cursor while it draws, and gives it back once", () => {
    const { play, screen, progress, wait } = onScreen(80, 24);
    play([vertex("a", { startedMs: 0 })]);
    wait(500);
    expect(screen.cursorShown).toBe(false);
    progress.finish("cancelled");
    progress.finish("cancelled");
    wait(500);
    expect(screen.cursorShown).toBe(true);
    expect(screen.text).toBe("cancelled after 0.5s");
  });

  it("leaves the cursor alone if it never drew", () => {
    const { screen, progress } = onScreen(80, 24);
    progress.finish("done");
    expect(screen.writes.join("")).toBe("done in 0.0s\n");
  });

  it("keeps notes and warnings above what it draws", () => {
    const { play, screen, progress, wait } = onScreen(80, 24);
    progress.note("engine: embedded buildkitd");
    play([vertex("a", { startedMs: 0 })]);
    wait(300);
    progress.warning("no .git here");
    wait(300);
    expect(screen.text.split("\n")).toEqual([
      "engine: embedded buildkitd",
      "warning: no .git here",
      "building 0.6s, 0 of 1 steps",
      expect.stringMatching(/^a +0\.6s$/),
    ]);
  });

  it.each([
    [1, 1],
    [2, 3],
    [10, 5],
    [20, 2],
    [33, 8],
    [200, 60],
  ])("fits %i columns and %i rows", (columns, rows) => {
    // The screen throws where a line is too long or a picture doesn't begin where the last one did.
    const { play, screen } = onScreen(columns, rows);
    play(recordedEvents("built"), 2500);
    play([vertex("[宽宽宽宽宽宽宽宽] 宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽", { startedMs: 0 })]);
    expect(screen.text.split("\n").length).toBeLessThan(Math.max(2, rows));
  });

  it("draws over its own lines when they were broken by a terminal that became narrower", () => {
    const { play, screen, wait } = onScreen(80, 24);
    play(recordedEvents("built"), 2200);
    screen.narrow(60);
    wait(200);
    expect(screen.text.match(/building/g)).toHaveLength(1);
  });

  it("shows every running step before the output of any, and the last line of each before more of one", () => {
    const { play, screen, wait } = onScreen(40, 10);
    for (const image of ["a", "b", "c"]) {
      play([vertex(`[${image}] step`, { startedMs: 0 }), log(`[${image}] step`, "one\ntwo\nthree\n")]);
    }
    wait(100);
    const lines = screen.text.split("\n").map((line) => line.trim().split("  ")[0]);
    expect(lines).toEqual(["building 0.1s, 0 of 3 steps", "a", "step", "│ three", "b", "step", "│ three", "c", "step"]);
  });

  it("says how much doesn't fit where not even all that is running does", () => {
    const { play, screen, wait } = onScreen(40, 6);
    for (let index = 0; index < 10; index++) play([vertex(`step ${index}`, { startedMs: 0 })]);
    wait(100);
    expect(screen.text).toMatch(/step 2 +0\.1s\nand 7 more$/);
  });

  it("draws a bar for a transfer of known size, and the bytes for one of unknown size", () => {
    const { play, screen, wait } = onScreen(80, 24);
    const name = "[base] pull registry.test/base";
    play([
      vertex(name, { startedMs: 0 }),
      status(name, `sha256:${"0123456789abcdef".repeat(4)}`, { current: 15_000_000, total: 30_000_000 }),
      status(name, "transferring context:", { current: 29 }),
      status(name, "done already", { completedMs: 1 }),
    ]);
    wait(100);
    expect(screen.text).toMatch(/^ {4}0123456789ab +━━━━━━╌╌╌╌╌╌ 15\.00MB of 30\.00MB$/m);
    expect(screen.text).toMatch(/^ {4}transferring context: +29B$/m);
    expect(screen.text).not.toContain("done already");
  });

  it("doesn't let a program's output reach for the terminal", () => {
    const { play, screen, wait } = onScreen(80, 24);
    play([vertex("a", { startedMs: 0 }), log("a", "\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[0m\tafter\x08\n")]);
    wait(100);
    expect(screen.text).toContain("│ red     after");
    expect(screen.writes.join("")).not.toMatch(/\x1b\[2J|\x1b\]|\x1b\[31m|\x08/);
  });

  it("says which warnings the build gave, each once", () => {
    const { play, screen, progress } = onScreen(80, 24);
    const warning = {
      kind: "warning",
      vertex: "sha256:a",
      level: 1,
      message: "FromAsCasing",
      detail: [],
      url: "",
      source: undefined,
      ranges: [],
    } as const;
    play([...life("a", 0, 1), warning, warning]);
    progress.finish("done");
    expect(screen.text).toBe("warning: FromAsCasing\ndone in 0.0s");
  });

  it("remembers the output of the step that failed, and no other", () => {
    const { play, progress } = onScreen(80, 24);
    play(recordedEvents("failed"));
    expect(progress.failedSteps()).toHaveLength(1);
    const [step] = progress.failedSteps();
    expect(step).toMatchObject({ image: "billing-demo", missingLines: 0 });
    expect(step!.step).toMatch(/^\[2\/3\] RUN set -e;/);
    expect(step!.output).toHaveLength(41);
    expect(step!.output.at(-1)).toBe("error[E0425]: cannot find value `x` in this scope");
  });
});
