/**
 * Order by Unicode code point, which is the order of the UTF-8 bytes and of Python's strings. The format sorts paths and
 * names so wherever an order enters a fingerprint (docs/format.md, "Order"); JavaScript's own order, by UTF-16 unit, puts
 * characters outside the basic plane before U+E000..U+FFFF.
 */

/** Compares two well-formed strings by code point: negative, zero or positive. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** A sorted copy. */
export function sortedByCodePoint(values: Iterable<string>): string[] {
  return [...values].sort(compareCodePoints);
}

/** The first differing units decide, if surrogates are made to rank above all others. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
