/**
 * Order by Unicode code point, which is the order of the UTF-8 bytes and of Python's strings. The format sorts paths and
 * names so wherever an order enters a fingerprint (docs/format.md, "Order").
 */
import { compareBytes } from "../llb/index.ts";

/** Compares two well-formed strings by code point: negative, zero or positive. */
export const compareCodePoints: (a: string, b: string) => number = compareBytes;

/** A sorted copy. */
export function sortedByCodePoint(values: Iterable<string>): string[] {
  return [...values].sort(compareCodePoints);
}
