/**
 * A string as Go's encoder writes it: which of the four styles it gets, and how it looks there. docs/dazzle.md, "Tests in hashes".
 * Source: gopkg.in/yaml.v3 v3.0.1: encode.go (`stringv`), resolve.go (`resolve`), emitterc.go (analysis and writers).
 */

/** Where a string stands: in a block's line, or in a list in brackets. */
export type ScalarPosition = "block" | "flow";

/** `indent` is that of the content of a literal block, in blanks. */
export function writeString(text: string, position: ScalarPosition, indent: number): string {
  const facts = analyse(text);
  switch (styleOf(text, position, facts)) {
    case "plain":
      return text;
    case "single":
      return singleQuoted(text, indent);
    case "double":
      return doubleQuoted(text);
    case "literal":
      return literalBlock(text, indent);
  }
}

type Style = "plain" | "single" | "double" | "literal";

interface Facts {
  /** What can't be shown as it is. */
  readonly special: boolean;
  readonly breaks: boolean;
  readonly tab: boolean;
  readonly leadingSpace: boolean;
  readonly leadingBreak: boolean;
  readonly trailingSpace: boolean;
  readonly trailingBreak: boolean;
  readonly breakSpace: boolean;
  readonly spaceBreak: boolean;
  readonly blockIndicators: boolean;
  readonly flowIndicators: boolean;
}

const SPECIAL = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;
const BREAK = "\\r\\n\\x85\\u2028\\u2029";
const HAS_BREAK = new RegExp(`[${BREAK}]`);
const LEADING_BREAK = new RegExp(`^[${BREAK}]`);
const TRAILING_BREAK = new RegExp(`[${BREAK}]$`);
const BREAK_SPACE = new RegExp(`[${BREAK}] `);
const SPACE_BREAK = new RegExp(` [${BREAK}]`);
const BLANK_OR_END = `(?=$|[ \\t${BREAK}])`;
const STARTS_AS_INDICATOR = new RegExp(
  `^(?:[#,\\[\\]{}&*!|>'"%@\`]|[?:]${BLANK_OR_END}|-${BLANK_OR_END}|---|\\.\\.\\.)`,
);
const COLON_BLANK = new RegExp(`:${BLANK_OR_END}`);
const BLANK_HASH = new RegExp(`[ \\t${BREAK}]#`);

function analyse(text: string): Facts {
  const blockIndicators = STARTS_AS_INDICATOR.test(text) || COLON_BLANK.test(text) || BLANK_HASH.test(text);
  return {
    special: SPECIAL.test(text) || text.includes("\r") || text.includes("\x85"),
    breaks: HAS_BREAK.test(text),
    tab: text.includes("\t"),
    leadingSpace: text.startsWith(" "),
    leadingBreak: LEADING_BREAK.test(text),
    trailingSpace: text.endsWith(" "),
    trailingBreak: TRAILING_BREAK.test(text),
    breakSpace: BREAK_SPACE.test(text),
    spaceBreak: SPACE_BREAK.test(text),
    blockIndicators,
    flowIndicators: blockIndicators || /[,?[\]{}:]/.test(text),
  };
}

function styleOf(text: string, position: ScalarPosition, facts: Facts): Style {
  const first: Style = text.includes("\n")
    ? position === "flow"
      ? "double"
      : "literal"
    : meansSomethingElse(text)
      ? "double"
      : "plain";
  if (first === "double") return "double";
  if (first === "literal") {
    return facts.spaceBreak || facts.special || facts.trailingSpace ? "double" : "literal";
  }
  const indicators = position === "flow" ? facts.flowIndicators : facts.blockIndicators;
  const edges = facts.leadingSpace || facts.leadingBreak || facts.trailingSpace || facts.trailingBreak;
  const plain = !(edges || facts.breaks || facts.special || facts.tab || indicators || text === "");
  if (plain) return "plain";
  return facts.special || facts.tab || facts.breakSpace || facts.spaceBreak ? "double" : "single";
}

const WORDS =
  /^(?:|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|\.nan|\.NaN|\.NAN|[-+]?\.(?:inf|Inf|INF)|y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const DATE =
  /^[0-9]{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12][0-9]|3[01])(?:[Tt](?<h1>[0-9]{1,2}):(?<m1>[0-9]{1,2}):(?<s1>[0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})| (?<h2>[0-9]{1,2}):(?<m2>[0-9]{1,2}):(?<s2>[0-9]{1,2})(?:[.,][0-9]+)?)?$/;

/** Whether a reader could take the plain text for something other than a string. */
function meansSomethingElse(text: string): boolean {
  if (WORDS.test(text) || BASE_60.test(text) || isDate(text)) return true;
  if (!/^[-+.0-9]/.test(text)) return false;
  return text.startsWith(".") ? isGoFloat(text) : isInteger(text.replaceAll("_", "")) || isFloat(text);
}

/** What a reader takes the plain text for. Those words of YAML 1.1 that are no booleans in 1.2 are strings. */
export function shortTag(text: string): string {
  if (/^(?:true|True|TRUE|false|False|FALSE)$/.test(text)) return "!!bool";
  if (/^(?:\.nan|\.NaN|\.NAN|[-+]?\.(?:inf|Inf|INF))$/.test(text)) return "!!float";
  if (isDate(text)) return "!!timestamp";
  if (!/^[-+.0-9]/.test(text)) return "!!str";
  if (!text.startsWith(".") && isInteger(text.replaceAll("_", ""))) return "!!int";
  return (text.startsWith(".") ? isGoFloat(text) : isFloat(text)) ? "!!float" : "!!str";
}

function isDate(text: string): boolean {
  const match = DATE.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0] = text.split(/[Tt ]/, 1)[0]?.split("-").map(Number) ?? [];
  const { h1, m1, s1, h2, m2, s2 } = match.groups ?? {};
  const [hour, minute, second] = [h1 ?? h2 ?? "0", m1 ?? m2 ?? "0", s1 ?? s2 ?? "0"].map(Number);
  const inTime = (hour ?? 0) < 24 && (minute ?? 0) < 60 && (second ?? 0) < 60;
  return inTime && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** `ParseInt` and `ParseUint` with base 0. */
function isInteger(text: string): boolean {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(text);
  if (match === null) return false;
  const [, sign, digits = ""] = match;
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  const value = BigInt(octal);
  if (sign === "-") return value <= 2n ** 63n;
  return value < (sign === "+" ? 2n ** 63n : 2n ** 64n);
}

function isFloat(text: string): boolean {
  const plain = text.replaceAll("_", "");
  return FLOAT.test(plain) && Number.isFinite(Number(plain));
}

/** `ParseFloat` of what begins with a point; underscores may stand between digits. */
function isGoFloat(text: string): boolean {
  return FLOAT.test(text.replaceAll(/(?<=[0-9])_(?=[0-9])/g, "")) && isFloat(text);
}

function singleQuoted(text: string, indent: number): string {
  const quoted = text.replaceAll("'", "''");
  // Of the breaks, only these can be in such a string.
  return `'${quoted.replace(/[\u2028\u2029]+(?=[^\u2028\u2029])/g, (breaks) => breaks + " ".repeat(indent))}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\x85": "\\N",
  "\xa0": "\\_",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function doubleQuoted(text: string): string {
  // A byte order mark at the beginning makes the original escape all that follows.
  const marked = text.startsWith("\ufeff");
  const written = [...text].map((character) => {
    const escaped = ESCAPES[character];
    // No-break space can be shown, and is.
    const shown = character === "\xa0" ? undefined : escaped;
    const special = SPECIAL.test(character);
    return shown ?? (special || marked ? (escaped ?? numericEscape(character)) : character);
  });
  return `"${written.join("")}"`;
}

function numericEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${digits.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}

function literalBlock(text: string, indent: number): string {
  const startHint = /^[ \n]/.test(text) ? "4" : "";
  const lastBreak = text.endsWith("\n");
  const chomping = !lastBreak ? "-" : text === "\n" || text.endsWith("\n\n") ? "+" : "";
  // A first break is lost in the original.
  const lines = text.replace(/^\n/, "").replace(/\n$/, "").split("\n");
  const content = lines.map((line) => (line === "" ? "" : " ".repeat(indent) + line)).join("\n");
  return text === "\n" ? "|4+" : `|${startHint}${chomping}\n${content}`;
}
