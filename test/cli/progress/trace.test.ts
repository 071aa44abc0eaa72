import { describe, expect, it } from "vitest";
import { imagesOf } from "../../../cli/progress/image-progress.ts";
import { bracketLabel } from "../../../cli/progress/index.ts";
import { coveredMs } from "../../../cli/progress/intervals.ts";
import { stepMs, Trace } from "../../../cli/progress/trace.ts";
import type { ProgressEvent } from "../../../client/index.ts";
import { life, log, status, vertex } from "./events.ts";

function traceOf(events: readonly ProgressEvent[], nowMs = 0): Trace {
  const trace = new Trace({ groupOf: bracketLabel, now: () => nowMs, log: { maxLength: 1000 } });
  for (const event of events) trace.update(event);
  return trace;
}

function statesOf(events: readonly ProgressEvent[]): Record<string, string> {
  const trace = traceOf(events);
  return Object.fromEntries(imagesOf(trace.steps, trace.daemonNowMs).map(({ image, state }) => [image ?? "-", state]));
}

describe("the time that intervals cover", () => {
  it.each([
    [[], 0],
    [[[0, 10]], 10],
    [
      [
        [0, 10],
        [5, 15],
      ],
      15,
    ],
    [
      [
        [5, 6],
        [0, 10],
      ],
      10,
    ],
    [
      [
        [0, 10],
        [20, 30],
      ],
      20,
    ],
    [
      [
        [0, 10],
        [90, undefined],
      ],
      20,
    ],
    [[[200, undefined]], 0],
  ] as const)("of %j is %i at 100", (intervals, expected) => {
    expect(
      coveredMs(
        intervals.map(([startMs, endMs]) => ({ startMs: startMs!, endMs })),
        100,
      ),
    ).toBe(expected);
  });
});

describe("a trace", () => {
  it("adds up the times of a step that ran twice", () => {
    const trace = traceOf([...life("a", 0, 100), ...life("a", 500, 600)]);
    expect(trace.steps.map((step) => stepMs(step, 1000))).toEqual([200]);
  });

  it("shows times by the daemon's clock, whatever ours says", () => {
    const trace = traceOf([vertex("a", { startedMs: 5_000_000 })], 1000);
    expect(trace.steps.map((step) => stepMs(step, trace.daemonNowMs))).toEqual([0]);
  });

  it("ignores events about vertices that it has never heard of", () => {
    expect(traceOf([log("a", "x"), status("b", "y")]).steps).toEqual([]);
  });

  it("doesn't take a late announcement for a new beginning", () => {
    expect(traceOf([...life("a", 0, 100), vertex("a")]).steps[0]?.state).toBe("done");
  });

  it("tells a step that failed from one that was stopped", () => {
    const trace = traceOf([
      ...life("a", 0, 1, { error: "exit code: 1" }),
      ...life("b", 0, 1, { error: "exit code: 137: context canceled: context canceled" }),
    ]);
    expect(trace.steps.map(({ state }) => state)).toEqual(["failed", "cancelled"]);
  });

  it("shows the members of a group as one step", () => {
    const group = { id: "g", name: "[app] push", weak: false };
    const trace = traceOf([
      vertex("x", { group, startedMs: 0, completedMs: 10, cached: true }),
      vertex("y", { group, startedMs: 5, completedMs: 20 }),
      log("y", "said\n"),
    ]);
    expect(trace.steps).toHaveLength(1);
    expect(trace.steps[0]).toMatchObject({ name: "[app] push", state: "done" });
    expect(trace.steps[0]!.log.last(1)[0]!.text).toBe("said");
    expect(stepMs(trace.steps[0]!, 100)).toBe(20);
  });

  it("hides a weak group until a member that isn't weak starts", () => {
    const weak = { id: "g", name: "copy", weak: true };
    const events = [vertex("x", { group: weak, startedMs: 0, completedMs: 1 })];
    expect(traceOf(events).steps).toEqual([]);
    expect(traceOf([...events, vertex("y", { group: { ...weak, weak: false }, startedMs: 2 })]).steps).toHaveLength(1);
  });
});

describe("an image", () => {
  it("is built if any of its work was done, and cached if none was", () => {
    expect(
      statesOf([
        ...life("[a 1/2] COPY x", 0, 1, { cached: true }),
        ...life("[a 2/2] RUN x", 0, 1),
        ...life("[b 1/1] RUN x", 0, 1, { cached: true }),
        ...life("[b] load b", 0, 1),
      ]),
    ).toEqual({ a: "built", b: "cached" });
  });

  it("is pulled if it only comes from somewhere, and something came", () => {
    expect(
      statesOf([
        ...life("[a] pull reg/a", 0, 1),
        status("[a] pull reg/a", "layer", { completedMs: 1 }),
        ...life("[b] pull reg/b", 0, 1),
      ]),
    ).toEqual({ a: "pulled", b: "cached" });
  });

  it("hasn't failed because it was looked for in vain", () => {
    const lookup = life("[a] look for reg/a:1", 0, 1, { error: "reg/a:1: not found" });
    expect(statesOf([...lookup, ...life("[a 1/1] RUN x", 1, 2)])).toEqual({ a: "built" });
    expect(statesOf([...lookup, ...life("[a 1/1] RUN x", 1, 2, { error: "exit code: 1" })])).toEqual({ a: "failed" });
  });

  it("is running between two of its steps", () => {
    expect(statesOf([...life("[a 1/2] COPY x", 0, 1), vertex("[a 2/2] RUN x"), vertex("[b] x")])).toEqual({
      a: "running",
      b: "waiting",
    });
  });
});
