/** A line taken apart into words, as a shell does it with quotes and backslashes; arguments of a workflow take the place of `$1`, `$@`. Pure. */

/** Undefined where a quote has no end. */
export function shellWords(line: string, args: readonly string[]): readonly string[] | undefined {
  const words: string[] = [];
  let goesOn = false;
  for (let rest = line; rest !== ""; ) {
    const part = /^\s/.test(rest) ? SPACE : partOf(rest, args);
    if (part === undefined) return undefined;
    append(words, part.texts, goesOn);
    goesOn = part !== SPACE && (goesOn || part.texts.length > 0);
    rest = rest.slice(part.length);
  }
  return words;
}

/** What stands at one place of a line, and in how many of its characters. */
interface Part {
  readonly length: number;
  /** The first goes on with the word before it, each other one is a new word. */
  readonly texts: readonly string[];
}

const SPACE: Part = { length: 1, texts: [] };

function partOf(rest: string, args: readonly string[]): Part | undefined {
  if (rest.startsWith("'")) return singleQuoted(rest);
  if (rest.startsWith('"')) return doubleQuoted(rest, args);
  return escaped(rest, "") ?? argument(rest, args) ?? { length: 1, texts: [rest.charAt(0)] };
}

function singleQuoted(rest: string): Part | undefined {
  const end = rest.indexOf("'", 1);
  return end === -1 ? undefined : { length: end + 1, texts: [rest.slice(1, end)] };
}

function doubleQuoted(rest: string, args: readonly string[]): Part | undefined {
  // What quotes hold is a word, empty or not; all arguments may be none.
  const all = /^"\$(?:@|\{@\})"/.exec(rest);
  if (all !== null) return { length: all[0].length, texts: args };
  const texts = [""];
  let at = 1;
  while (at < rest.length && rest.charAt(at) !== '"') {
    const inner = rest.slice(at);
    const part = escaped(inner, "\\") ?? argument(inner, args) ?? { length: 1, texts: [inner.charAt(0)] };
    append(texts, part.texts, true);
    at += part.length;
  }
  return at < rest.length ? { length: at + 1, texts } : undefined;
}

/** A backslash, and the character whose meaning it takes away; before one that has none, it stays as `kept`. */
function escaped(rest: string, kept: string): Part | undefined {
  if (!rest.startsWith("\\") || rest.length < 2) return undefined;
  const next = rest.charAt(1);
  return { length: 2, texts: ['"\\$'.includes(next) ? next : kept + next] };
}

const ARGUMENT = /^\$(?:([@\d])|\{([@\d]+)(?::?-([^}]*))?\})/;

function argument(rest: string, args: readonly string[]): Part | undefined {
  const match = ARGUMENT.exec(rest);
  if (match === null) return undefined;
  const [{ length }, short, long, otherwise] = match;
  return { length, texts: valuesOf(short ?? long ?? "", otherwise, args) };
}

function valuesOf(name: string, otherwise: string | undefined, args: readonly string[]): readonly string[] {
  const instead = otherwise === undefined ? [] : [otherwise];
  if (name === "@") return args.length > 0 ? args : instead;
  const value = args[Number(name) - 1];
  return value === undefined || value === "" ? instead : [value];
}

/** Adds texts to words; the first to the last word, where that goes on. */
function append(words: string[], texts: readonly string[], goesOn: boolean): void {
  const [first, ...others] = texts;
  if (first === undefined) return;
  words.push(goesOn ? `${words.pop() ?? ""}${first}` : first, ...others);
}
