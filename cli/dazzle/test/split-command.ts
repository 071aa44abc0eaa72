/** A command as words: split at spaces, with `"` around what has some, and `""` for a quote, as in CSV. */
import { UsageError } from "../../usage-error.ts";

/** Throws `UsageError` for quotes that don't fit. */
export function splitCommand(text: string): readonly string[] {
  const words: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^" ][^ ]*))(?: +|$)|( +)/y;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) throw new UsageError(`the quotes of ${JSON.stringify(text)} don't fit together`);
    if (match[3] === undefined) words.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
  }
  return words;
}
