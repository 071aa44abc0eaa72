/**
 * `MZFROM` lines: found and replaced by one rule on the bytes of each physical line, whatever the line is part of.
 * docs/format.md, "The Dockerfile". Flags before the name, such as `--platform`, are an extension: to the format they
 * are the name, which no image can have.
 */
import type { SourceRange } from "../llb/index.ts";
import type { Located } from "./image.ts";

/**
 * The names after `MZFROM` at the start of a line, in order, with their places. `file` is for the ranges; a name that is
 * not UTF-8 comes with replacement characters, which no image has in its name.
 */
export function scanMzfrom(file: string, dockerfile: Uint8Array): readonly Located<string>[] {
  return mzfromLines(dockerfile).map(({ line, match }) => {
    const keywordAndBlanks = match.text.length - match.name.length;
    const name = fromLatin1(match.name);
    return { value: name, at: rangeOnLine(file, line, keywordAndBlanks, name.length) };
  });
}

/** The Dockerfile with each `MZFROM NAME` replaced by `FROM ` and the name's spec, every other byte as it is. */
export function renderMzfrom(dockerfile: Uint8Array, specOf: (name: string) => string): Uint8Array {
  const lines = splitLines(dockerfile).map((line) => {
    const match = matchMzfrom(line);
    if (match === undefined) return line;
    const spec = toLatin1(specOf(fromLatin1(match.name)));
    return `FROM ${match.flags}${spec}${line.slice(match.text.length)}`;
  });
  return new Uint8Array(Buffer.from(lines.join(""), "latin1"));
}

interface Match {
  /** `MZFROM`, the blanks, the flags and the name. */
  readonly text: string;
  /** With the blanks behind each. */
  readonly flags: string;
  readonly name: string;
}

// `\s` of a bytes pattern in Python, written out: in JavaScript it has many more members.
const MZFROM = /^MZFROM[ \t\n\r\f\v]*((?:--[^ \t\n\r\f\v]*[ \t\r\f\v]+)*)([^ \t\n\r\f\v]+)/;

function matchMzfrom(line: string): Match | undefined {
  const match = MZFROM.exec(line);
  return match === null ? undefined : { text: match[0], flags: match[1] ?? "", name: match[2] ?? "" };
}

function mzfromLines(dockerfile: Uint8Array): readonly { readonly line: number; readonly match: Match }[] {
  return splitLines(dockerfile).flatMap((text, index) => {
    const match = matchMzfrom(text);
    return match === undefined ? [] : [{ line: index + 1, match }];
  });
}

/** Lines with their line feeds, a byte as a character: only LF ends a line here. */
function splitLines(bytes: Uint8Array): readonly string[] {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString("latin1")
    .split(/(?<=\n)/);
}

function rangeOnLine(file: string, line: number, start: number, length: number): SourceRange {
  return { file, start: { line, column: start + 1 }, end: { line, column: start + length + 1 } };
}

function fromLatin1(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}

function toLatin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
