/**
 * The JSON form of an instruction: `["a", "b"]`, read as Go's encoding/json reads it.
 */
import { skipSpace } from "../text/unicode.ts";
import type { Token } from "./logical-line.ts";

export type JsonArray =
  | { readonly kind: "array"; readonly words: readonly Token[] }
  /** A JSON array, but not only of texts. */
  | { readonly kind: "not-strings" }
  | { readonly kind: "not-json" };

/** How deep Go's decoder goes. */
const MAX_DEPTH = 10_000;

const NOT_JSON: JsonArray = { kind: "not-json" };

export function readJsonArray(token: Token): JsonArray {
  const start = skipSpace(token.text);
  if (token.text[start] !== "[") return NOT_JSON;
  // Bytes that are not UTF-8 must be replaced first, or they could make a pair with an escaped surrogate.
  const text = token.text.slice(start).toWellFormed();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not JSON: the instruction has its other form.
    return NOT_JSON;
  }
  if (!Array.isArray(parsed)) return NOT_JSON;
  const places = scanJson(text);
  if (!places.acceptable) return NOT_JSON;
  const words: Token[] = [];
  const values: readonly unknown[] = parsed;
  for (const [index, value] of values.entries()) {
    const place = places.strings[index];
    if (typeof value !== "string" || place === undefined) return { kind: "not-strings" };
    const at = token.start + start;
    words.push({ text: value.toWellFormed(), start: at + place.start, end: at + place.end });
  }
  return { kind: "array", words };
}

interface JsonPlaces {
  readonly strings: readonly { readonly start: number; readonly end: number }[];
  /** False for what is JSON but too much for Go: too deep, or a number out of range. */
  readonly acceptable: boolean;
}

/** Finds all strings of a valid JSON text. */
function scanJson(text: string): JsonPlaces {
  const strings: { start: number; end: number }[] = [];
  let depth = 0;
  let acceptable = true;
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === '"') {
      const end = endOfString(text, index);
      strings.push({ start: index, end });
      index = end - 1;
    } else if (char === "[" || char === "{") {
      if (++depth > MAX_DEPTH) acceptable = false;
    } else if (char === "]" || char === "}") {
      depth--;
    } else if (char >= "0" && char <= "9") {
      const end = endOfNumber(text, index);
      if (!Number.isFinite(Number(text.slice(index, end)))) acceptable = false;
      index = end - 1;
    }
  }
  return { strings, acceptable };
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index + 1;
}

function endOfNumber(text: string, start: number): number {
  let index = start;
  while (index < text.length && "0123456789.eE+-".includes(text.charAt(index))) index++;
  return index;
}
