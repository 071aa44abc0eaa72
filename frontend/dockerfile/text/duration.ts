/**
 * Durations as Go's time.ParseDuration reads them ("1h30m", "1.5s"), with its messages.
 */
import { toBinary } from "./bytes.ts";
import { syntaxError } from "./syntax-error.ts";

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["\u00b5s", 1_000n],
  ["\u03bcs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

const LIMIT = 1n << 63n;

/** In nanoseconds. Throws `BuildError`. */
export function parseDuration(text: string): bigint {
  const negative = text.startsWith("-");
  let rest = negative || text.startsWith("+") ? text.slice(1) : text;
  if (rest === "0") return 0n;
  if (rest === "") throw invalid(text);
  let total = 0n;
  while (rest !== "") {
    const [all, digits = "", fraction] = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest) ?? [""];
    if (digits === "" && (fraction ?? "") === "") throw invalid(text);
    rest = rest.slice(all.length);
    const unitName = /^[^.0-9]*/.exec(rest)?.[0] ?? "";
    if (unitName === "") throw syntaxError(`time: missing unit in duration ${quoteBytes(text)}`);
    const unit = UNITS.get(unitName);
    if (unit === undefined) {
      throw syntaxError(`time: unknown unit ${quoteBytes(unitName)} in duration ${quoteBytes(text)}`);
    }
    rest = rest.slice(unitName.length);
    const whole = BigInt(digits) * unit;
    if (whole > LIMIT) throw invalid(text);
    total += whole + fractionOf(fraction ?? "", unit);
    if (total > LIMIT) throw invalid(text);
  }
  if (!negative && total >= LIMIT) throw invalid(text);
  return negative ? -total : total;
}

/** Go takes the digits that fit into 63 bits and computes in floating point. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > (LIMIT - 1n) / 10n) break;
    const next = value * 10n + BigInt(digit);
    if (next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

function invalid(text: string): Error {
  return syntaxError(`time: invalid duration ${quoteBytes(text)}`);
}

/** The package's own quoting: every byte that is not printable ASCII as \x80. */
function quoteBytes(text: string): string {
  const escaped = toBinary(text).replace(/["\\]|[^ -\x7f]/g, (char) =>
    char === '"' || char === "\\" ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}
