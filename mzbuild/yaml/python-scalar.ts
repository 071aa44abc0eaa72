/**
 * Plain YAML scalars to values, as PyYAML's safe loader resolves them: YAML 1.1 with PyYAML's exceptions (`y` is a string,
 * `1e3` too, `010` is eight). docs/format.md, "mzbuild.yml".
 * Source: yaml/pyyaml 6.0.1: lib/yaml/resolver.py and constructor.py (SafeConstructor).
 */
import type { SourceRange } from "../../llb/index.ts";
import type { YamlScalar } from "./yaml-node.ts";

export type ScalarTag = "bool" | "float" | "int" | "merge" | "null" | "timestamp" | "value" | "str" | "binary";

/** In PyYAML's order: the first rule that matches decides. */
const RULES: readonly (readonly [tag: ScalarTag, pattern: RegExp])[] = [
  ["bool", /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/],
  [
    "float",
    /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  ],
  [
    "int",
    /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  ],
  ["merge", /^<<$/],
  ["null", /^(?:~|null|Null|NULL|)$/],
  [
    "timestamp",
    /^(?:\d\d\d\d-\d\d-\d\d|\d\d\d\d-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/,
  ],
  ["value", /^=$/],
];

/** The tag of a plain scalar without one of its own. */
export function tagOfPlain(text: string): ScalarTag {
  return RULES.find(([, pattern]) => pattern.test(text))?.[0] ?? "str";
}

/** The value of a scalar with this tag, or undefined where Python's constructor would fail. */
export function constructScalar(tag: ScalarTag, text: string, at: SourceRange): YamlScalar | undefined {
  switch (tag) {
    case "str":
      return { kind: "string", value: text, at };
    case "null":
      return { kind: "null", at };
    case "bool": {
      const value = BOOLEANS.get(text.toLowerCase());
      return value === undefined ? undefined : { kind: "boolean", value, at };
    }
    case "int": {
      const value = integerOf(text);
      return value === undefined ? undefined : { kind: "integer", value, at };
    }
    case "float": {
      const value = floatOf(text);
      return value === undefined ? undefined : { kind: "float", value, at };
    }
    case "timestamp": {
      const value = timestampText(text);
      return value === undefined ? undefined : { kind: "timestamp", value, at };
    }
    case "binary":
      return /^[A-Za-z0-9+/=\s]*$/.test(text)
        ? { kind: "binary", value: new Uint8Array(Buffer.from(text, "base64")), at }
        : undefined;
    case "merge":
    case "value":
      return undefined;
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["yes", true],
  ["no", false],
  ["true", true],
  ["false", false],
  ["on", true],
  ["off", false],
]);

function integerOf(text: string): bigint | undefined {
  const { negative, digits } = splitSign(text.replaceAll("_", ""));
  const magnitude = magnitudeOf(digits);
  return magnitude === undefined ? undefined : negative ? -magnitude : magnitude;
}

function magnitudeOf(digits: string): bigint | undefined {
  if (/^0b[01]+$/.test(digits) || /^0x[0-9a-f]+$/i.test(digits)) return BigInt(digits);
  // With a tag, "0o7" is an integer, too: Python takes it for one of base 8.
  if (/^0o?[0-7]+$/i.test(digits)) return BigInt(`0o${digits.replace(/^0o?/i, "")}`);
  if (/^[0-9]+(?::[0-9]+)+$/.test(digits)) {
    return digits.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  }
  return /^(?:0|[1-9][0-9]*)$/.test(digits) ? BigInt(digits) : undefined;
}

function floatOf(text: string): number | undefined {
  const { negative, digits } = splitSign(text.replaceAll("_", "").toLowerCase());
  const magnitude = floatMagnitudeOf(digits);
  return magnitude === undefined ? undefined : negative ? -magnitude : magnitude;
}

function floatMagnitudeOf(digits: string): number | undefined {
  if (digits === ".inf") return Number.POSITIVE_INFINITY;
  if (digits === ".nan") return Number.NaN;
  if (digits.includes(":")) return digits.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?$/.test(digits) ? Number(digits) : undefined;
}

function splitSign(text: string): { readonly negative: boolean; readonly digits: string } {
  return { negative: text.startsWith("-"), digits: /^[-+]/.test(text) ? text.slice(1) : text };
}

const TIMESTAMP =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?)?$/;

/** What Python's `str()` prints for the date or datetime that PyYAML makes of this. */
function timestampText(text: string): string | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year = "", month = "", day = "", hour, minute = "", second = "", fraction = ""] = match;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  if (!isDate(Number(year), Number(month), Number(day))) return undefined;
  if (hour === undefined) return date;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const micros = fraction.slice(0, 6).padEnd(6, "0");
  const zone = zoneText(match[8], match[9], match[10], match[11]);
  return `${date} ${hour.padStart(2, "0")}:${minute}:${second}${Number(micros) === 0 ? "" : `.${micros}`}${zone}`;
}

function zoneText(
  zone: string | undefined,
  sign: string | undefined,
  hours: string | undefined,
  minutes: string | undefined,
): string {
  if (zone === undefined) return "";
  if (sign === undefined || (Number(hours) === 0 && Number(minutes ?? 0) === 0)) return "+00:00";
  return `${sign}${(hours ?? "").padStart(2, "0")}:${minutes ?? "00"}`;
}

function isDate(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
