import { describe, expect, it } from "vitest";
import { life, log, status, vertex } from "./events.ts";
import { playback } from "./playback.ts";
import { readCase, recordedEvents } from "./recording.ts";

function played(
  events: Parameters<ReturnType<typeof playback>["play"]>[0],
  options: { colour?: boolean } = {},
): string {
  const { progress, play, text } = playback({ mode: "plain", ...options });
  play(events);
  progress.finish(progress.failedSteps().length > 0 ? "failed" : "done");
  return text();
}

/** The paragraphs of a plain log by step, without what depends on the moment of writing: numbers and turns. */
function saidOfSteps(text: string): Map<string, string[]> {
  const names = new Map<string, string>();
  const said = new Map<string, string[]>();
  let fresh = true;
  for (const line of text.split("\n")) {
    const [, number, rest] = /^#(\d+) (.*)$/.exec(line) ?? [];
    if (number === undefined || rest === undefined) {
      fresh = true;
      continue;
    }
    if (fresh) {
      names.set(number, rest);
      said.set(rest, said.get(rest) ?? []);
    } else if (rest !== "...") said.get(names.get(number)!)!.push(rest);
    fresh = false;
  }
  return said;
}

describe("plain progress", () => {
  it.each(["built", "cached", "failed", "pulled"])("tells the build %s as expected", async (name) => {
    await expect(played(recordedEvents(name))).toMatchFileSnapshot(`../../testdata/progress/${name}/plain.txt`);
  });

  it("says of each step of a failed build what BuildKit's own display says", () => {
    const theirs = saidOfSteps(readCase("failed", "buildkit-plain.txt").replace(/^------\n.*/ms, ""));
    const ours = saidOfSteps(played(recordedEvents("failed")));
    // Theirs tells a transfer that took no time twice: when it began and when it ended.
    for (const lines of theirs.values()) {
      const begun = lines.findIndex((line) => line.endsWith(":"));
      if (begun >= 0) lines.splice(begun, 1);
    }
    expect([...ours].sort()).toEqual([...theirs].sort());
  });

  it("doesn't cry over an image that is looked for in vain", () => {
    const text = played([
      ...life("[a] look for reg/a:1", 0, 1, { error: "reg/a:1: not found" }),
      ...life("[a] RUN x", 1, 2),
    ]);
    expect(text).toContain("#1 [a] look for reg/a:1\n#1 NOT FOUND\n");
  });

  it("names an image failed whose base isn't there", () => {
    expect(played(life("[a 1/2] FROM reg/b:1", 0, 1, { error: "reg/b:1: not found" }))).toMatch(
      /^a +failed +0\.0s\nfailed after/m,
    );
  });

  it("names those failed that have, where each image was worked on by itself, and the others done", () => {
    const { progress, play, text } = playback({ mode: "plain" });
    // The steps of `same` are another's, too: never begun here. What fails of `tested` is no step.
    play([...life("[made] RUN x", 0, 1000), ...life("[tested] RUN y", 0, 1000), vertex("[same] RUN z")]);
    progress.finish("failed", new Set(["tested"]));
    expect(text()).toMatch(/^made +built +1\.0s\ntested +failed +1\.0s\nsame +cached\nfailed after/m);
  });

  it("names the step again when it comes back to it", () => {
    const text = played([
      vertex("a", { startedMs: 0 }),
      log("a", "one\n", 10),
      ...life("b", 200, 300),
      log("a", "two\n", 1000),
      vertex("a", { startedMs: 0, completedMs: 1100 }),
    ]);
    const lines = [
      "#1 a",
      "#1 0.010 one",
      "#1 ...",
      "",
      "#2 b",
      "#2 DONE 0.1s",
      "",
      "#1 a",
      "#1 1.000 two",
      "#1 DONE 1.1s",
    ];
    expect(text).toBe([...lines, "", "done in 1.1s", ""].join("\n"));
  });

  it("stays with a step that prints while another one prints too, for ten seconds", () => {
    const { progress, play, text } = playback({ mode: "plain" });
    play([vertex("a", { startedMs: 0 }), vertex("b", { startedMs: 0 })]);
    for (let second = 1; second <= 12; second++) {
      play([log("a", `a${second}\n`, second * 1000), log("b", `b${second}\n`, second * 1000)]);
    }
    progress.finish("cancelled");
    const order = [...text().matchAll(/ ([ab])(\d+)$/gm)].map(([, step, second]) => `${step}${second}`);
    expect(order.slice(0, 10)).toEqual(["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10"]);
    expect(order.indexOf("b1")).toBeLessThan(order.indexOf("a12"));
    expect(order.toSorted()).toHaveLength(24);
  });

  it("turns from a silent step to another after five seconds", () => {
    const { play, wait, text } = playback({ mode: "plain" });
    play([vertex("a", { startedMs: 0 }), vertex("b", { startedMs: 0 })]);
    wait(200);
    play([log("b", "b1\n", 300)]);
    wait(4000);
    expect(text()).not.toContain("b1");
    wait(2000);
    expect(text()).toContain("#2 b\n#2 0.300 b1\n");
  });

  it("tells a transfer when it begins, at every twentieth, and when it ends", () => {
    const total = 1_000_000;
    const running = Array.from({ length: 99 }, (_, percent) =>
      status("a", "layer", { current: percent * 10_000, total, timestampMs: percent * 200 }),
    );
    const text = played([
      vertex("a", { startedMs: 0 }),
      ...running,
      status("a", "layer", { current: total, total, timestampMs: 20_000, completedMs: 20_000 }),
      vertex("a", { startedMs: 0, completedMs: 20_000 }),
    ]);
    const told = text.split("\n").filter((line) => line.includes("layer"));
    expect(told).toHaveLength(21);
    expect(told[1]).toBe("#1 layer 50.00kB / 1.00MB 1.0s");
    expect(told.at(-1)).toBe("#1 layer 1.00MB / 1.00MB 20.0s done");
  });

  it("keeps a program's colours where colours are wanted, and nothing else of its escape sequences", () => {
    const events = [vertex("a", { startedMs: 0 }), log("a", "\x1b]0;title\x07\x1b[2K\x1b[32mgreen\x1b[0m\x1b[1A!\n")];
    expect(played(events)).toContain("#1 0.000 green!\n");
    expect(played(events, { colour: true })).toContain("#1 0.000 \x1b[32mgreen\x1b[0m!\x1b[0m\n");
  });

  it("loses no line of a flood of 200 kB a second while another step is followed", () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${String(index).padStart(6)} ${"x".repeat(90)}\n`);
    const { progress, play, text } = playback({ mode: "plain" });
    play([vertex("a", { startedMs: 0 }), vertex("b", { startedMs: 0 })]);
    for (let second = 0; second < 10; second++) {
      play([
        log("a", "tick\n", second * 1000),
        log("b", lines.slice(second * 2000, second * 2000 + 2000).join(""), second * 1000),
      ]);
    }
    play([vertex("b", { startedMs: 0, completedMs: 10_000 })]);
    progress.finish("done");
    expect(text().match(/x{90}/g)).toHaveLength(20_000);
    expect(text()).not.toContain("left out");
  });

  it("says nothing more after the end", () => {
    const { progress, play, wait, text } = playback({ mode: "plain" });
    play(life("a", 0, 100));
    progress.finish("done");
    const before = text();
    play(life("b", 200, 300));
    wait(1000);
    progress.finish("done");
    expect(text()).toBe(before);
  });
});
