/** Durations as Go prints them (time.Duration.String): `1h30m0s`, `1.5s`, `250ms`. */

const UNITS = [
  [1_000n, "ns", 1n],
  [1_000_000n, "µs", 1_000n],
  [1_000_000_000n, "ms", 1_000_000n],
] as const;

export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return "0s";
  if (nanoseconds < 0n) return `-${formatDuration(-nanoseconds)}`;
  for (const [below, unit, size] of UNITS) if (nanoseconds < below) return decimal(nanoseconds, size) + unit;
  const second = 1_000_000_000n;
  const minutes = nanoseconds / (60n * second);
  const seconds = `${decimal(nanoseconds % (60n * second), second)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, size: bigint): string {
  const digits = String(size).length - 1;
  const fraction = String(value % size)
    .padStart(digits, "0")
    .replace(/0+$/, "");
  return size === 1n || fraction === "" ? String(value / size) : `${value / size}.${fraction}`;
}
