/**
 * The part of Go's regular expression syntax that patternmatcher's translation of a pattern can produce: characters,
 * classes, `.`, groups, `|`, `*`, `{2,3}`, anchors and escapes. A pattern's own backslashes, brackets and braces go
 * through unchanged, so a `\d` in an ignore file is a digit.
 * Contract: https://pkg.go.dev/regexp/syntax (Perl flags).
 */

/** Whether a code point belongs to a class. */
export type CharTest = (code: number) => boolean;

export type RegexpNode =
  | { readonly kind: "char"; readonly accepts: CharTest }
  | { readonly kind: "choice"; readonly branches: readonly (readonly RegexpNode[])[] }
  /** `max` is undefined for no limit. */
  | { readonly kind: "repeat"; readonly node: RegexpNode; readonly min: number; readonly max: number | undefined }
  | { readonly kind: "assert"; readonly what: "start" | "end" | "boundary" | "no-boundary" };

interface Parser {
  readonly chars: readonly string[];
  position: number;
}

type Choice = RegexpNode & { readonly kind: "choice" };

/** Undefined for an expression that Go refuses. */
export function parseRegexp(source: string): Choice | undefined {
  const parser: Parser = { chars: [...source], position: 0 };
  const choice = parseChoice(parser);
  return choice !== undefined && parser.position === parser.chars.length ? choice : undefined;
}

function parseChoice(parser: Parser): Choice | undefined {
  const branches: (readonly RegexpNode[])[] = [];
  do {
    const branch = parseBranch(parser);
    if (branch === undefined) return undefined;
    branches.push(branch);
  } while (parser.chars[parser.position] === "|" && ++parser.position > 0);
  return { kind: "choice", branches };
}

function parseBranch(parser: Parser): readonly RegexpNode[] | undefined {
  const nodes: RegexpNode[] = [];
  let repeated = false;
  while (parser.position < parser.chars.length && !")|".includes(parser.chars[parser.position] ?? "")) {
    const bounds = parseRepeat(parser);
    if (bounds === undefined) {
      const node = parseAtom(parser);
      if (node === undefined) return undefined;
      nodes.push(node);
    } else {
      // Go neither repeats nothing nor a repetition.
      const node = nodes.pop();
      if (node === undefined || repeated || bounds === "invalid") return undefined;
      nodes.push({ kind: "repeat", node, ...bounds });
    }
    repeated = bounds !== undefined;
  }
  return nodes;
}

interface Bounds {
  readonly min: number;
  readonly max: number | undefined;
}

/** How often Go lets something be repeated. */
const MAX_REPEAT = 1000;

/** `*`, `?` or `{n,m}`. Moves only when there is one; a brace that starts none is a character. */
function parseRepeat(parser: Parser): Bounds | "invalid" | undefined {
  const { chars, position } = parser;
  if (chars[position] === "*" || chars[position] === "?") {
    parser.position++;
    return chars[position] === "*" ? { min: 0, max: undefined } : { min: 0, max: 1 };
  }
  if (chars[position] !== "{") return undefined;
  const end = chars.indexOf("}", position);
  const match = /^(0|[1-9][0-9]*)(,?)(0|[1-9][0-9]*|)$/.exec(chars.slice(position + 1, Math.max(0, end)).join(""));
  if (match === null || (match[2] === "" && match[3] !== "")) return undefined;
  parser.position = end + 1;
  const min = Number(match[1]);
  const max = match[2] === "" ? min : match[3] === "" ? undefined : Number(match[3]);
  const valid = min <= MAX_REPEAT && (max === undefined || (max <= MAX_REPEAT && min <= max));
  return valid ? { min, max } : "invalid";
}

function parseAtom(parser: Parser): RegexpNode | undefined {
  const char = parser.chars[parser.position++];
  switch (char) {
    case undefined:
      return undefined;
    case "(": {
      const choice = parseChoice(parser);
      return choice !== undefined && parser.chars[parser.position++] === ")" ? choice : undefined;
    }
    case "[":
      return parseClass(parser);
    case "\\":
      return parseEscape(parser);
    case "^":
      return { kind: "assert", what: "start" };
    case "$":
      return { kind: "assert", what: "end" };
    case ".":
      return { kind: "char", accepts: (code) => code !== 0x0a };
    default:
      return literal(char);
  }
}

function literal(char: string): RegexpNode {
  const wanted = char.codePointAt(0);
  return { kind: "char", accepts: (code) => code === wanted };
}

/** After a backslash outside of brackets. */
function parseEscape(parser: Parser): RegexpNode | undefined {
  switch (parser.chars[parser.position]) {
    case "A":
      parser.position++;
      return { kind: "assert", what: "start" };
    case "z":
      parser.position++;
      return { kind: "assert", what: "end" };
    case "b":
      parser.position++;
      return { kind: "assert", what: "boundary" };
    case "B":
      parser.position++;
      return { kind: "assert", what: "no-boundary" };
    case "Q":
      return parseQuoted(parser);
  }
  const test = parseClassEscape(parser);
  if (test !== undefined) return { kind: "char", accepts: test };
  const code = parseCharEscape(parser);
  return code === undefined ? undefined : { kind: "char", accepts: (other) => other === code };
}

/** `\Q…\E`: everything between is literal. */
function parseQuoted(parser: Parser): RegexpNode {
  const nodes: RegexpNode[] = [];
  for (parser.position++; parser.position < parser.chars.length; parser.position++) {
    const char = parser.chars[parser.position] ?? "";
    if (char === "\\" && parser.chars[parser.position + 1] === "E") {
      parser.position += 2;
      break;
    }
    nodes.push(literal(char));
  }
  return { kind: "choice", branches: [nodes] };
}

/** After a "[". */
function parseClass(parser: Parser): RegexpNode | undefined {
  const negated = parser.chars[parser.position] === "^";
  if (negated) parser.position++;
  const tests: CharTest[] = [];
  for (let first = true; first || parser.chars[parser.position] !== "]"; first = false) {
    const test = parseClassItem(parser);
    if (test === undefined) return undefined;
    tests.push(test);
  }
  parser.position++;
  return { kind: "char", accepts: (code) => tests.some((test) => test(code)) !== negated };
}

function parseClassItem(parser: Parser): CharTest | undefined {
  const named = parseNamedClass(parser);
  if (named === "unknown") return undefined;
  if (named !== undefined) return named;
  if (parser.chars[parser.position] === "\\") {
    parser.position++;
    const test = parseClassEscape(parser);
    if (test !== undefined) return test;
    parser.position--;
  }
  const low = parseClassChar(parser);
  if (low === undefined) return undefined;
  const next = parser.chars[parser.position + 1];
  if (parser.chars[parser.position] !== "-" || next === undefined || next === "]") return (code) => code === low;
  parser.position++;
  const high = parseClassChar(parser);
  return high === undefined || high < low ? undefined : (code) => code >= low && code <= high;
}

function parseClassChar(parser: Parser): number | undefined {
  const char = parser.chars[parser.position++];
  return char === "\\" ? parseCharEscape(parser) : char?.codePointAt(0);
}

const POSIX: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  ascii: /[\x00-\x7f]/,
  blank: /[\t ]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t\n\v\f\r ]/,
  upper: /[A-Z]/,
  word: /[0-9A-Za-z_]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** `[:name:]`, inside of brackets. */
function parseNamedClass(parser: Parser): CharTest | "unknown" | undefined {
  const { chars, position } = parser;
  if (chars[position] !== "[" || chars[position + 1] !== ":") return undefined;
  let end = position + 2;
  while (end < chars.length && !(chars[end] === ":" && chars[end + 1] === "]")) end++;
  if (end >= chars.length) return undefined;
  const name = chars.slice(position + 2, end).join("");
  const negated = name.startsWith("^");
  const plain = negated ? name.slice(1) : name;
  const pattern = Object.hasOwn(POSIX, plain) ? POSIX[plain] : undefined;
  if (pattern === undefined) return "unknown";
  parser.position = end + 2;
  return testOf(pattern, negated);
}

/** `\d`, `\s`, `\w`, `\p{…}` and their opposites. Moves only when there is one. */
function parseClassEscape(parser: Parser): CharTest | undefined {
  const char = parser.chars[parser.position] ?? "";
  if (char === "p" || char === "P") return parseUnicodeClass(parser, char === "P");
  if (!"dswDSW".includes(char) || char === "") return undefined;
  parser.position++;
  const negated = char < "a";
  const patterns: Readonly<Record<string, RegExp>> = { d: /[0-9]/, s: /[\t\n\f\r ]/, w: /[0-9A-Za-z_]/ };
  const pattern = patterns[char.toLowerCase()];
  return pattern === undefined ? undefined : testOf(pattern, negated);
}

function parseUnicodeClass(parser: Parser, negated: boolean): CharTest | undefined {
  const rest = parser.chars.slice(parser.position + 1).join("");
  const match = /^(?:\{(\^?)(\w+)\}|(\w))/.exec(rest);
  const name = match?.[2] ?? match?.[3];
  if (match === null || name === undefined) return undefined;
  const pattern = name === "Any" ? /[\s\S]/ : (unicodeRegExp(name) ?? unicodeRegExp(`Script=${name}`));
  if (pattern === undefined) return undefined;
  parser.position += 1 + [...match[0]].length;
  return testOf(pattern, negated !== (match[1] === "^"));
}

function unicodeRegExp(property: string): RegExp | undefined {
  try {
    return new RegExp(`\\p{${property}}`, "u");
  } catch {
    // No such property.
    return undefined;
  }
}

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** A single character after a backslash. Undefined for an escape that Go doesn't know. */
function parseCharEscape(parser: Parser): number | undefined {
  const char = parser.chars[parser.position++];
  if (char === undefined) return undefined;
  const control = CONTROLS[char];
  if (control !== undefined) return control;
  if (char === "x") return parseHex(parser);
  if (char >= "0" && char <= "7") return parseOctal(parser, char);
  const code = char.codePointAt(0) ?? 0;
  return code < 0x80 && !/[0-9A-Za-z]/.test(char) ? code : undefined;
}

function parseHex(parser: Parser): number | undefined {
  const match = /^(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(parser.chars.slice(parser.position).join(""));
  if (match === null) return undefined;
  const code = Number.parseInt(match[1] ?? match[2] ?? "", 16);
  parser.position += match[0].length;
  return code <= 0x10ffff ? code : undefined;
}

/** Up to three digits; a single one other than 0 would be a reference to a group, which Go has not. */
function parseOctal(parser: Parser, first: string): number | undefined {
  let digits = first;
  while (digits.length < 3 && /^[0-7]$/.test(parser.chars[parser.position] ?? "")) {
    digits += parser.chars[parser.position++];
  }
  return first !== "0" && digits.length === 1 ? undefined : Number.parseInt(digits, 8);
}

function testOf(pattern: RegExp, negated: boolean): CharTest {
  return (code) => pattern.test(String.fromCodePoint(code)) !== negated;
}
