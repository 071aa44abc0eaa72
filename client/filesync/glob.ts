/**
 * Shell patterns as Go's path/filepath.Match reads them on Unix: "*" and "?" stop at "/", classes "[a-z]" and "[^a]",
 * "\" takes the next character literally, and the pattern must match the whole name.
 * Contract: https://pkg.go.dev/path/filepath#Match
 */

/** The pattern as a regular expression, or undefined where Go reports ErrBadPattern. */
export function compileGlob(pattern: string): RegExp | undefined {
  const characters = [...pattern];
  let source = "^";
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "[") {
      const range = compileClass(characters, at + 1);
      if (range === undefined) return undefined;
      source += range.source;
      at = range.end;
    } else if (character === "\\") {
      const next = characters[++at];
      if (next === undefined) return undefined;
      source += quote(next);
    } else source += quote(character);
  }
  return new RegExp(`${source}$`, "u");
}

/** Reads a class from behind its "["; `end` is the index of its "]". */
function compileClass(characters: readonly string[], start: number): { source: string; end: number } | undefined {
  let at = start;
  const negated = characters[at] === "^";
  if (negated) at++;
  const ranges: string[] = [];
  while (ranges.length === 0 || characters[at] !== "]") {
    const low = readClassCharacter(characters, at);
    if (low === undefined) return undefined;
    at = low.next;
    let high = low;
    if (characters[at] === "-") {
      const end = readClassCharacter(characters, at + 1);
      if (end === undefined) return undefined;
      high = end;
      at = end.next;
    }
    // Go lets a range that runs backwards match nothing; JavaScript refuses it.
    if (low.code <= high.code) ranges.push(`\\u{${low.code.toString(16)}}-\\u{${high.code.toString(16)}}`);
    else ranges.push("");
  }
  return { source: `[${negated ? "^" : ""}${ranges.join("")}]`, end: at };
}

function readClassCharacter(characters: readonly string[], start: number): { code: number; next: number } | undefined {
  let at = start;
  const first = characters[at];
  if (first === undefined || first === "-" || first === "]") return undefined;
  if (first === "\\") at++;
  const code = characters[at]?.codePointAt(0);
  // Go wants something behind every character of a class: at least its "]".
  if (code === undefined || characters[at + 1] === undefined) return undefined;
  return { code, next: at + 1 };
}

function quote(character: string): string {
  return /[$()*+.?[\\\]^{|}/]/.test(character) ? `\\${character}` : character;
}
