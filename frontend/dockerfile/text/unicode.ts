/**
 * Character classes and case as Go's `unicode` and `strings` packages have them; JavaScript's differ (U+0085 and U+FEFF
 * as white space, "ß" and "İ" changing length).
 */

/** Go's unicode.IsSpace, for a UTF-16 unit (no white space is outside of the BMP). */
export function isSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  return (
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

/** The white space of the parser's own splitting: tab, vertical tab, form feed, carriage return, space. */
export function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || (unit >= 0x0b && unit <= 0x0d);
}

/** Index of the first unit at or after `from` that is no white space, or `to`. */
export function skipSpace(text: string, from = 0, to = text.length): number {
  let index = from;
  while (index < to && isSpace(text.charCodeAt(index))) index++;
  return index;
}

/** Index after the last unit before `to` that is no white space, or `from`. */
export function skipSpaceBack(text: string, from = 0, to = text.length): number {
  let index = to;
  while (index > from && isSpace(text.charCodeAt(index - 1))) index--;
  return index;
}

/** Go's strings.TrimSpace. */
export function trimSpace(text: string): string {
  const start = skipSpace(text);
  return text.slice(start, skipSpaceBack(text, start));
}

/** Go's strings.ToLower: one code point for one, bytes that are not UTF-8 become U+FFFD. */
export function toLower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapCodePoints(text, lowerOf);
}

/** Go's strings.ToUpper. */
export function toUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapCodePoints(text, upperOf);
}

/** Go's strings.EqualFold: "ſ" is an s and the Kelvin sign a k. */
export function equalFold(a: string, b: string): boolean {
  return a === b || toLower(toUpper(a)) === toLower(toUpper(b));
}

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return false;
  return true;
}

function mapCodePoints(text: string, map: (char: string) => string): string {
  let result = "";
  for (const char of text.toWellFormed()) result += map(char);
  return result;
}

function lowerOf(char: string): string {
  // The only character whose full mapping has two code points; Go knows just the simple one.
  if (char === "\u0130") return "i";
  return char.toLowerCase();
}

function upperOf(char: string): string {
  const upper = char.toUpperCase();
  if ([...upper].length === 1) return upper;
  // Full mappings of several code points: Go has the simple mapping, which is the title case letter, or none.
  const code = char.charCodeAt(0);
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCharCode(code | 8);
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCharCode(code + 9);
  return char;
}
