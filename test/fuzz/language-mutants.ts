/**
 * Requests for the language half alone: bytes of Dockerfiles, shell words, and ignore patterns, made from pieces that mean
 * something to them, odd bytes included. What `mutate.ts` can't reach from whole builds.
 */
import type { Random } from "./random.ts";

/** As test/testdata/dockerfile/reference reads it; `data` in base64. */
export type LanguageRequest =
  | { readonly kind: "dockerfile"; readonly data: string }
  | {
      readonly kind: "shell";
      readonly data: string;
      readonly env: readonly string[];
      readonly escape: "\\" | "`";
      readonly rawQuotes: boolean;
      readonly rawEscapes: boolean;
      readonly skipProcessQuotes: boolean;
      readonly skipUnsetEnv: boolean;
    }
  | { readonly kind: "ignorefile"; readonly data: string }
  | { readonly kind: "ignore"; readonly patterns: readonly string[]; readonly path: string };

const keywords = [
  ...["FROM", "RUN", "COPY", "ADD", "ARG", "ENV", "LABEL", "CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "MAINTAINER"],
  ...["ONBUILD", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR", "from", "Run", "FRM", "ENTRYPINT"],
];

/** Bytes that are not UTF-8 alone; two of them are white space to whoever takes bytes for characters. */
const oddBytes = [0xff, 0xa0, 0x85, 0xc3];

const texts = [
  ...[
    "\\",
    "`",
    "'",
    '"',
    "$",
    "${",
    "}",
    "$X",
    `\${X:-a b}`,
    "=",
    " ",
    "\t",
    "\r",
    "\n",
    "\n\n",
    "\\\n",
    " \\\n",
    "\\\n\n",
  ],
  ...[
    "\\\n# c\n",
    "#",
    "# c\n",
    "#\n",
    "# escape=`\n",
    "# syntax=foo\n",
    "# check=skip=all\n",
    "# escape= \n",
    "// syntax=x\n",
  ],
  ...[
    "<<EOF",
    "<<-EOF",
    "<<'EOF'",
    '<<"E"F',
    "3<<EOF",
    "<< EOF",
    "<<",
    "EOF\n",
    "\tEOF\n",
    "\nEOF",
    "--",
    "--from=x",
    "--link",
  ],
  ...["--chown=a:b", "--link=false", "--chmod=755", "--mount=type=bind,from=a", "--mount=type=cache,target=/x,id=$X"],
  ...[
    "--mount=type=secret,id=a,required",
    "--mount=type=tmpfs,size=1g",
    "--mount=from=$X",
    '--mount=a,"b',
    "--device=a,required",
  ],
  ...[
    "--network=none",
    "--security=insecure",
    "--platform=linux/amd64",
    "--exclude=a",
    "--parents",
    "--keep-git-dir=true",
  ],
  ...[
    "--interval=5s",
    "--timeout=1.5m",
    "--retries=3",
    "--retries=-1",
    "--start-period=1h2m",
    "--interval=1us",
    "--unpack",
  ],
  ...[
    "[",
    "]",
    '["a","b"]',
    '["a", 1]',
    "[]",
    '["\\u00e9\\ud800"]',
    ",",
    "\u00a0",
    "\u0085",
    "\u2003",
    "é",
    "à",
    "😀",
    "\ufeff",
  ],
  ...[
    "\x00",
    "\x01",
    "AS",
    "as b",
    "AS Foo",
    "#!/bin/sh\n",
    "ONBUILD ",
    "CMD ",
    "NONE",
    "a=b",
    'a="b c"',
    "a='b",
    "80/tcp",
    "ſ",
    "İ",
  ],
];

const fragments = [...texts.map((text) => Buffer.from(text)), ...oddBytes.map((byte) => Buffer.of(byte))];

const wordPieces = [
  ...[
    "$",
    "${",
    "}",
    "X",
    "Y",
    "E",
    "long",
    ":",
    "-",
    "+",
    "?",
    "#",
    "##",
    "%",
    "%%",
    "/",
    "//",
    "*",
    "a",
    "b",
    "ab",
    "\\",
  ],
  ...[
    "`",
    "'",
    '"',
    " ",
    "\t",
    "<",
    "<<",
    "<<  ",
    "\\}",
    "\\/",
    "\\*",
    "\\?",
    "@",
    "0",
    "1",
    "12",
    "_",
    "é",
    "😀",
    "\ufeff",
    ".",
  ],
  ...["$X", `\${X}`, "${Y:-", "${X/", "${X#", "${E%", "$0", "$$", "\n", "[", "(", "^", "|", "\u00a0"],
];

const valuePieces = [
  "a",
  "b",
  "ab",
  "/",
  "*",
  "?",
  "\\",
  "$0",
  "$",
  `\${0}`,
  "$1",
  "$$",
  "\n",
  ".",
  " ",
  "é",
  "😀",
  "X",
];

const patternPieces = [
  ...[
    "*",
    "**",
    "?",
    "/",
    "a",
    "b",
    "foo",
    ".",
    "..",
    "!",
    "#",
    " ",
    "[",
    "]",
    "[a-c]",
    "[^a]",
    "[!a]",
    "\\",
    "\\d",
    "\\b",
  ],
  ...[
    "\\Q",
    "\\E",
    "\\x61",
    "\\pL",
    "[[:alpha:]]",
    "-",
    "^",
    "$",
    "+",
    "(",
    ")",
    "{",
    "}",
    "{2}",
    "|",
    "é",
    "😀",
    "_",
    "1",
  ],
  ...["*.go", "**/", "/**", "\\*", "\\w", "\\A", "\\z", "\\0", "\\1", "\\12", "\\a"],
];

const pathPieces = ["a", "b", "foo", "c", ".", "1", "d", "é", "_", "x.go", "$", "[", "a b", "*", "A", "\\", "α"];

export function dockerfileRequest(corpus: readonly Buffer[], random: Random): LanguageRequest {
  let data = random.pick(corpus);
  for (let count = 1 + random.below(4); count > 0; count--) data = changeBytes(data, corpus, random);
  return { kind: "dockerfile", data: data.toString("base64") };
}

export function wordRequest(random: Random): LanguageRequest {
  const value = () => some(valuePieces, 8, random);
  return {
    kind: "shell",
    data: Buffer.from(some(wordPieces, 12, random)).toString("base64"),
    env: [`X=${value()}`, "E=", `long=${value()}${value()}`, `Xa=${value()}`],
    escape: random.chance(0.75) ? "\\" : "`",
    rawQuotes: random.chance(0.3),
    rawEscapes: random.chance(0.3),
    skipProcessQuotes: random.chance(0.25),
    skipUnsetEnv: random.chance(0.3),
  };
}

export function ignoreFileRequest(random: Random): LanguageRequest {
  const lines = Array.from({ length: random.below(5) }, () => {
    return some(patternPieces, 6, random) + random.pick(["\n", "\r\n", " \n"]);
  });
  return { kind: "ignorefile", data: Buffer.from(lines.join("")).toString("base64") };
}

export function ignoreRequest(random: Random): LanguageRequest {
  const patterns = Array.from({ length: 1 + random.below(3) }, () => some(patternPieces, 6, random));
  const path = Array.from({ length: 1 + random.below(4) }, () => some(pathPieces, 3, random)).join("/");
  return { kind: "ignore", patterns, path };
}

function some(pieces: readonly string[], most: number, random: Random): string {
  return Array.from({ length: 1 + random.below(most) }, () => random.pick(pieces)).join("");
}

function changeBytes(data: Buffer, corpus: readonly Buffer[], random: Random): Buffer {
  const lines = splitLines(data);
  const at = random.below(data.length + 1);
  switch (random.below(8)) {
    case 0:
      lines.splice(random.below(lines.length), 1);
      return Buffer.concat(lines);
    case 1:
      lines.splice(random.below(lines.length), 0, random.pick(splitLines(random.pick(corpus))));
      return Buffer.concat(lines);
    case 2:
      lines.splice(random.below(lines.length), 0, newLine(random));
      return Buffer.concat(lines);
    case 3:
      return Buffer.concat([data.subarray(0, at), data.subarray(at + 1 + random.below(3))]);
    case 4:
      return Buffer.concat([data.subarray(0, at), Buffer.of(random.below(256)), data.subarray(at + 1)]);
    default:
      return Buffer.concat([data.subarray(0, at), random.pick(fragments), data.subarray(at)]);
  }
}

function newLine(random: Random): Buffer {
  const words = Array.from({ length: random.below(6) }, () => random.pick(fragments).toString());
  return Buffer.from(`${[random.pick(keywords), ...words].join(" ")}\n`);
}

/** At least one, with their ends. */
function splitLines(data: Buffer): Buffer[] {
  return data
    .toString("latin1")
    .split(/(?<=\n)/)
    .map((line) => Buffer.from(line, "latin1"));
}
