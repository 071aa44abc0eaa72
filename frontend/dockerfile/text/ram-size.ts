/**
 * Sizes as docker/go-units' RAMInBytes reads them: "64m", "1.5 GiB".
 */
import { toLower } from "./unicode.ts";

const POWERS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

/** In bytes, or undefined for what is no size. */
export function parseRamSize(text: string): number | undefined {
  const last = Math.max(...[..."0123456789. "].map((char) => text.lastIndexOf(char)));
  if (last < 0) return undefined;
  const size = parseFloatStrictly(text.slice(0, text[last] === " " ? last : last + 1));
  const suffix = text.slice(last + 1);
  const factor = suffix === "" ? 1 : factorOf(suffix);
  if (size === undefined || size < 0 || factor === undefined) return undefined;
  return Math.trunc(size * factor);
}

function factorOf(suffix: string): number | undefined {
  // The original counts bytes.
  if (suffix.length > 3) return undefined;
  const lower = toLower(suffix);
  if (lower === "b") return 1;
  const power = POWERS[lower.charAt(0)];
  const tail = lower.slice(1);
  return power === undefined || !["", "b", "ib"].includes(tail) ? undefined : 1024 ** power;
}

/** strconv.ParseFloat, without the numbers that end in a letter (they can't get here). */
function parseFloatStrictly(text: string): number | undefined {
  if (/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const hex = /^([+-]?)0[xX]([0-9a-fA-F_]*)\.?([0-9a-fA-F_]*)[pP]([+-]?[0-9]+)$/.exec(text);
  if (hex === null) return undefined;
  return parseHexFloat(hex[1] === "-" ? -1 : 1, hex[2] ?? "", hex[3] ?? "", Number(hex[4]));
}

function parseHexFloat(sign: number, whole: string, fraction: string, exponent: number): number | undefined {
  const digits = whole + fraction;
  if (digits === "" || digits.includes("_")) return undefined;
  const value = sign * Number(BigInt(`0x${digits}`)) * 2 ** (exponent - 4 * fraction.length);
  return Number.isFinite(value) ? value : undefined;
}
