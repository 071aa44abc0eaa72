/**
 * "did you mean …?"
 * Contract: moby/buildkit v0.33.0: util/suggest (Levenshtein distance, all costs 1).
 */
import { toLower, toUpper } from "./unicode.ts";

/** Farther away than this is no suggestion. */
const FARTHEST = 2;

/**
 * The option that is nearest to `value`, the first of equals; undefined when none is near, or when `value` is one of
 * them. Without `caseSensitive`, the suggestion takes over the case of `value` where that is all lower or all upper.
 */
export function suggest(value: string, options: Iterable<string>, caseSensitive = true): string | undefined {
  const wanted = caseSensitive ? value : toLower(value);
  let match: string | undefined;
  let nearest = FARTHEST + 1;
  for (const written of options) {
    const option = caseSensitive ? written : toLower(written);
    if (option === wanted) return undefined;
    if (Math.abs(option.length - wanted.length) > 2 * nearest) continue;
    const distance = levenshtein([...wanted], [...option], nearest);
    if (distance >= nearest) continue;
    nearest = distance;
    match = option;
  }
  if (match === undefined || match === "") return undefined;
  return caseSensitive ? match : matchCase(match, value);
}

/** `message`, with the suggestion if there is one. */
export function withSuggestion(message: string, suggestion: string | undefined): string {
  return suggestion === undefined ? message : `${message} (did you mean ${suggestion}?)`;
}

function matchCase(match: string, original: string): string {
  if (original === toLower(original)) return match;
  return original === toUpper(original) ? toUpper(match) : match;
}

/** The distance, or any number from `limit` on when it is not below. */
function levenshtein(a: readonly string[], b: readonly string[], limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    if (Math.min(...next) >= limit) return limit;
    row = next;
  }
  return row[b.length] ?? limit;
}
