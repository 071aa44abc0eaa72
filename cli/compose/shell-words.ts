/** A line taken apart into words, as a shell does it with quotes and backslashes; arguments of a workflow take the place of `$1`, `$@`. Pure. */

/** Undefined where a quote has no end. */
export function shellWords(line: string, args: readonly string[]): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    const argument = quote === "'" ? undefined : ARGUMENT.exec(line.slice(at));
    if (character === "\\" && quote !== "'" && at + 1 < line.length) {
      at += 1;
      const next = line.charAt(at);
      word = (word ?? "") + (quote === '"' && !'"\\$'.includes(next) ? `\\${next}` : next);
    } else if (argument) {
      at += argument[0].length - 1;
      const values = valuesOf(argument, args);
      const [first, ...others] = values;
      if (first !== undefined) word = (word ?? "") + first;
      for (const other of others) {
        words.push(word ?? "");
        word = other;
      }
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      // What quotes hold is a word, empty or not; all arguments may be none.
      const isAll = /^"\$(?:@|\{@\})"/.test(line.slice(at));
      quote = character;
      if (!isAll) word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (quote !== undefined) return undefined;
  return word === undefined ? words : [...words, word];
}

const ARGUMENT = /^\$(?:([@\d])|\{([@\d]+)(?::?-([^}]*))?\})/;

function valuesOf([, short, long, otherwise]: RegExpExecArray, args: readonly string[]): readonly string[] {
  const name = short ?? long ?? "";
  if (name === "@") return args.length > 0 || otherwise === undefined ? args : [otherwise];
  const value = args[Number(name) - 1];
  return value === undefined || value === "" ? (otherwise === undefined ? [] : [otherwise]) : [value];
}
