/**
 * Numbers and truth values as Go's `strconv` reads them, with its messages.
 */
import { quote } from "./quote.ts";

export type ParsedNumber =
  | { readonly kind: "number"; readonly value: bigint }
  /** `reason` is "invalid syntax" or "value out of range"; `message` is the whole error of the original. */
  | { readonly kind: "invalid"; readonly reason: string; readonly message: string };

/** strconv.ParseInt in base 10, 64 bits. */
export function parseInteger(text: string): ParsedNumber {
  if (!/^[+-]?[0-9]+$/.test(text)) return invalid("ParseInt", text, "invalid syntax");
  const value = BigInt(text.replace(/^\+/, ""));
  return BigInt.asIntN(64, value) === value
    ? { kind: "number", value }
    : invalid("ParseInt", text, "value out of range");
}

/** strconv.ParseUint in base 10, 64 bits. */
export function parseUnsigned(text: string): ParsedNumber {
  if (!/^[0-9]+$/.test(text)) return invalid("ParseUint", text, "invalid syntax");
  const value = BigInt(text);
  return BigInt.asUintN(64, value) === value
    ? { kind: "number", value }
    : invalid("ParseUint", text, "value out of range");
}

/** strconv.ParseBool; undefined for anything else. */
export function parseBool(text: string): boolean | undefined {
  switch (text) {
    case "1":
    case "t":
    case "T":
    case "TRUE":
    case "true":
    case "True":
      return true;
    case "0":
    case "f":
    case "F":
    case "FALSE":
    case "false":
    case "False":
      return false;
    default:
      return undefined;
  }
}

function invalid(name: string, text: string, reason: string): ParsedNumber {
  return { kind: "invalid", reason, message: `strconv.${name}: parsing ${quote(text)}: ${reason}` };
}
