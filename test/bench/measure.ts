/**
 * Times things side by side: every subject once a round, so that whatever else the machine does hits all of them alike.
 */

export interface Subject {
  readonly name: string;
  readonly run: () => void | Promise<void>;
}

export interface Timing {
  readonly name: string;
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
}

/** One timing a subject, in their order. The first `warmups` rounds don't count. */
export async function measure(
  subjects: readonly Subject[],
  { rounds, warmups = 1 }: { readonly rounds: number; readonly warmups?: number },
): Promise<readonly Timing[]> {
  const times = subjects.map((): number[] => []);
  for (let round = -warmups; round < rounds; round++) {
    for (const [index, subject] of subjects.entries()) {
      const started = performance.now();
      await subject.run();
      if (round >= 0) times[index]?.push(performance.now() - started);
    }
  }
  return subjects.map(({ name }, index) => summary(name, times[index] ?? []));
}

function summary(name: string, times: readonly number[]): Timing {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { name, minMs: at(0), medianMs: at(0.5), maxMs: at(1) };
}

/** A table of timings; ratios are of medians, to the subject named `peer`. */
export function formatTimings(title: string, timings: readonly Timing[], peer?: string): string {
  const reference = timings.find(({ name }) => name === peer)?.medianMs;
  const width = Math.max(...timings.map(({ name }) => name.length));
  const rows = timings.map(({ name, minMs, medianMs, maxMs }) => {
    const ratio = reference === undefined || name === peer ? "" : `  ${(medianMs / reference).toFixed(2)} × ${peer}`;
    return `  ${name.padEnd(width)}  ${milliseconds(medianMs)}  (${milliseconds(minMs).trim()} to ${milliseconds(maxMs).trim()})${ratio}`;
  });
  return [title, ...rows, ""].join("\n");
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`.padStart(10);
}
