/** How long a test may take. */
import { UsageError } from "../usage-error.ts";

const DEFAULT_MS = 30 * 60_000;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** Timers of Node go no further. */
const LONGEST_MS = 2 ** 31 - 1;

/** `90s`, `10m`, `1h30m`; plain numbers are seconds. In milliseconds. Throws `UsageError`. */
export function parseDuration(option: string, text: string | undefined): number {
  if (text === undefined) return DEFAULT_MS;
  const written = /^\d+$/.test(text) ? `${text}s` : text;
  const parts = [...written.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const whole = parts.map(([part]) => part).join("");
  const ms = parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
  if (whole === written && ms >= 1 && ms <= LONGEST_MS) return ms;
  throw new UsageError(`${option} ${text} is no time`, "such as 90s, 10m or 1h30m");
}
