/**
 * The order of entries in a file-sync stream: component by component, bytes compared unsigned, a directory before its
 * content. BuildKit's receiver refuses a stream that is out of order.
 * Source: tonistiigi/fsutil v0.0.0-20260819142231: validator.go (ComparePath).
 */
import { encodePath } from "./path-bytes.ts";

const SURROGATE = /[\uD800-\uDFFF]/;
const SLASH = 0x2f;

/** Orders two names, or any two strings, by their bytes. */
export function compareNames(a: string, b: string): number {
  // UTF-16 code units order like UTF-8 bytes as long as neither side needs surrogates.
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(encodePath(a), encodePath(b));
}

/** Orders two "/"-separated paths as a walk meets them: "/" sorts below every other byte. */
export function comparePaths(a: string, b: string): number {
  const left = encodePath(a);
  const right = encodePath(b);
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const x = left[at] ?? 0;
    const y = right[at] ?? 0;
    if (x === y) continue;
    if (x === SLASH) return -1;
    if (y === SLASH) return 1;
    return x - y;
  }
  return left.length - right.length;
}

/** Sorts names in place as `compareNames` does; the usual case costs one native sort. */
export function sortNames(names: string[]): string[] {
  names.sort();
  return names.some((name) => SURROGATE.test(name)) ? names.sort(compareNames) : names;
}
