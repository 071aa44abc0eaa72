/** Stretches of time during which something ran. Vertices may run several times, and steps of an image overlap. */

export interface Interval {
  readonly startMs: number;
  /** undefined while it runs. */
  readonly endMs: number | undefined;
}

/** The time that is covered by at least one of them, what is open reaching to `nowMs`. */
export function coveredMs(intervals: Iterable<Interval>, nowMs: number): number {
  const sorted = [...intervals].sort((a, b) => a.startMs - b.startMs);
  let covered = 0;
  let reachedMs = Number.NEGATIVE_INFINITY;
  for (const { startMs, endMs = Math.max(nowMs, startMs) } of sorted) {
    covered += Math.max(0, endMs - Math.max(startMs, reachedMs));
    reachedMs = Math.max(reachedMs, endMs);
  }
  return covered;
}
