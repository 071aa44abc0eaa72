/**
 * git's shell patterns, on bytes. Source: git v2.39: wildmatch.c, and dir.c for the flag: pathspecs match without
 * WM_PATHNAME, so that `*` and `?` match "/" too; with `:(glob)` only `**` does.
 */

export interface WildmatchOptions {
  /** `*`, `?` and brackets do not match "/"; `**` between slashes does. */
  readonly pathname: boolean;
  readonly ignoreCase: boolean;
}

/** A test of paths, or undefined for a pattern that matches nothing because it is malformed. */
export function compileWildmatch(
  pattern: string,
  { pathname, ignoreCase }: WildmatchOptions,
): ((path: string) => boolean) | undefined {
  const source = translate(bytesOf(pattern), pathname);
  if (source === undefined) return undefined;
  const expression = new RegExp(`^(?:${source})$`, ignoreCase ? "is" : "s");
  return (path) => expression.test(bytesOf(path));
}

/** One character a byte, so that `?` stands for one byte as it does in git. */
function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function translate(pattern: string, pathname: boolean): string | undefined {
  let out = "";
  for (let index = 0; index < pattern.length; ) {
    const character = pattern[index] ?? "";
    if (character === "*") {
      const end = index + (/^\*+/.exec(pattern.slice(index))?.[0].length ?? 1);
      const stars = starsAt(pattern, index, end, pathname);
      out += stars.source;
      index = stars.end;
    } else if (character === "[") {
      const bracket = translateBracket(pattern, index + 1, pathname);
      if (bracket === undefined) return undefined;
      out += bracket.source;
      index = bracket.end;
    } else if (character === "\\") {
      const escaped = pattern[index + 1];
      if (escaped === undefined) return undefined;
      out += literal(escaped);
      index += 2;
    } else {
      out += character === "?" ? anyCharacter(pathname) : literal(character);
      index += 1;
    }
  }
  return out;
}

interface Translated {
  readonly source: string;
  /** Index of the first character of the pattern that is not translated yet. */
  readonly end: number;
}

function starsAt(pattern: string, start: number, end: number, pathname: boolean): Translated {
  if (!pathname) return { source: ".*", end };
  const before = pattern[start - 1];
  const after = pattern[end];
  const whole = end - start > 1 && (before === undefined || before === "/") && (after === undefined || after === "/");
  if (!whole) return { source: "[^/]*", end };
  return after === "/" ? { source: "(?:.*/)?", end: end + 1 } : { source: ".*", end };
}

function anyCharacter(pathname: boolean): string {
  return pathname ? "[^/]" : ".";
}

/** `start` is after the opening bracket. The first character is never the closing one. */
function translateBracket(pattern: string, start: number, pathname: boolean): Translated | undefined {
  const negated = pattern[start] === "!" || pattern[start] === "^";
  let index = negated ? start + 1 : start;
  let members = "";
  for (let first = true; first || pattern[index] !== "]"; first = false) {
    const member = bracketMember(pattern, index);
    if (member === undefined) return undefined;
    members += member.source;
    index = member.end;
  }
  const slash = pathname ? "(?!/)" : "";
  return { source: `${slash}[${negated ? "^" : ""}${members}]`, end: index + 1 };
}

function bracketMember(pattern: string, index: number): Translated | undefined {
  const posixClass = /^\[:([^\]]*):\]/.exec(pattern.slice(index));
  if (posixClass !== null) {
    const members = POSIX_CLASSES.get(posixClass[1] ?? "");
    return members === undefined ? undefined : { source: members, end: index + posixClass[0].length };
  }
  const from = bracketCharacter(pattern, index);
  if (from === undefined) return undefined;
  const isRange = pattern[from.end] === "-" && pattern[from.end + 1] !== undefined && pattern[from.end + 1] !== "]";
  if (!isRange) return { source: literalInBracket(from.source), end: from.end };
  const to = bracketCharacter(pattern, from.end + 1);
  if (to === undefined) return undefined;
  // git compares the start by itself, too: a range that is the wrong way round is just its start.
  const range = from.source <= to.source ? `-${literalInBracket(to.source)}` : "";
  const source = literalInBracket(from.source) + range;
  return { source, end: to.end };
}

function bracketCharacter(pattern: string, index: number): Translated | undefined {
  const escaped = pattern[index] === "\\";
  const character = pattern[escaped ? index + 1 : index];
  return character === undefined ? undefined : { source: character, end: index + (escaped ? 2 : 1) };
}

const POSIX_CLASSES: ReadonlyMap<string, string> = new Map([
  ["alnum", "A-Za-z0-9"],
  ["alpha", "A-Za-z"],
  ["blank", " \\t"],
  ["cntrl", "\\x00-\\x1f\\x7f"],
  ["digit", "0-9"],
  ["graph", "\\x21-\\x7e"],
  ["lower", "a-z"],
  ["print", "\\x20-\\x7e"],
  ["punct", "\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e"],
  ["space", " \\t\\n\\v\\f\\r"],
  ["upper", "A-Z"],
  ["xdigit", "0-9A-Fa-f"],
]);

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

function literalInBracket(character: string): string {
  return character.replace(/[\\\]^[-]/, "\\$&");
}
