/**
 * Values to text as Python's `str()` and `repr()` print them: what the format makes of a build argument that is not a string
 * (`1.10` gives "1.1", `true` gives "True", nothing gives "None"). docs/format.md, "Build arguments".
 */
import type { YamlNode } from "./yaml-node.ts";

/** Python's `str(value)`. */
export function pythonStr(node: YamlNode): string {
  return node.kind === "string" ? node.value : node.kind === "timestamp" ? node.value : pythonRepr(node);
}

/** Python's `bool(value)`. */
export function pythonTruth(node: YamlNode): boolean {
  switch (node.kind) {
    case "string":
    case "binary":
      return node.value.length > 0;
    case "integer":
      return node.value !== 0n;
    case "float":
      return node.value !== 0;
    case "boolean":
      return node.value;
    case "null":
      return false;
    case "timestamp":
      return true;
    case "mapping":
      return node.entries.length > 0;
    case "sequence":
      return node.items.length > 0;
  }
}

function pythonRepr(node: YamlNode): string {
  switch (node.kind) {
    case "string":
      return stringRepr(node.value);
    case "integer":
      return node.value.toString();
    case "float":
      return floatRepr(node.value);
    case "boolean":
      return node.value ? "True" : "False";
    case "null":
      return "None";
    case "timestamp":
      return timestampRepr(node.value);
    case "binary":
      return `b${stringRepr(Buffer.from(node.value).toString("latin1"), 0x7f)}`;
    case "mapping":
      return `{${node.entries.map(({ key, value }) => `${pythonRepr(key)}: ${pythonRepr(value)}`).join(", ")}}`;
    case "sequence":
      return `[${node.items.map(pythonRepr).join(", ")}]`;
  }
}

/** Shortest digits that read back the same, an exponent below 1e-4 and from 1e16 on. */
function floatRepr(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  if (value === 0) return "0.0";
  const [digits = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? "-" : "+";
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain = exponent < 0 ? value.toFixed(Math.max(0, fractionDigits(digits) - exponent)) : value.toString();
  return plain.includes(".") ? plain : `${plain}.0`;
}

function fractionDigits(digits: string): number {
  const point = digits.indexOf(".");
  return point < 0 ? 0 : digits.length - point - 1;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** Single quotes, unless the text has some and no double ones. Characters from `printableEnd` on are escaped. */
function stringRepr(text: string, printableEnd = Number.POSITIVE_INFINITY): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const escaped = ESCAPES.get(character);
    if (escaped !== undefined) out += escaped;
    else if (character === quote) out += `\\${character}`;
    else if (code < 0x20 || (code >= 0x7f && code < 0xa1) || code === 0xad || code >= printableEnd)
      out += hexEscape(code);
    else out += character;
  }
  return `${quote}${out}${quote}`;
}

function hexEscape(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

function timestampRepr(text: string): string {
  const numbers = (part: string): string => part.split(/[-:]/).map(Number).join(", ");
  const [date = "", time] = text.split(" ");
  if (time === undefined) return `datetime.date(${numbers(date)})`;
  const [clock = "", micros] = (time.match(/^[\d:.]+/)?.[0] ?? "").split(".");
  const [hour = 0, minute = 0, second = 0] = clock.split(":").map(Number);
  const parts = [numbers(date), hour, minute];
  if (second !== 0 || micros !== undefined) parts.push(second);
  if (micros !== undefined) parts.push(Number(micros));
  const zone = time.slice((time.match(/^[\d:.]+/)?.[0] ?? "").length);
  return `datetime.datetime(${parts.join(", ")}${zone === "" ? "" : `, tzinfo=${zoneRepr(zone)}`})`;
}

function zoneRepr(zone: string): string {
  if (zone === "+00:00") return "datetime.timezone.utc";
  const [hours = 0, minutes = 0] = zone.slice(1).split(":").map(Number);
  const seconds = (hours * 60 + minutes) * 60;
  if (zone.startsWith("+")) return `datetime.timezone(datetime.timedelta(seconds=${seconds}))`;
  return `datetime.timezone(datetime.timedelta(days=-1, seconds=${86_400 - seconds}))`;
}
