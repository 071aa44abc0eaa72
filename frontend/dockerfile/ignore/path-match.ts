/**
 * Go's filepath.Match, which patternmatcher calls for its errors only: it matches each pattern with ".", and what it
 * objects to on the way makes a pattern bad. That depends on how far the match gets.
 */

/** True if filepath.Match(pattern, ".") gives ErrBadPattern. */
export function isBadPattern(pattern: string): boolean {
  let rest = [...pattern];
  let name = ".";
  while (rest.length > 0) {
    const { star, chunk, after } = scanChunk(rest);
    rest = after;
    if (star && chunk.length === 0) return false;
    const result = matchChunk(chunk, name);
    if (result === "bad") return true;
    if (result !== "no" && (result === "" || rest.length > 0)) {
      name = result;
      continue;
    }
    if (!star || name === "") return false;
    // The star may take the dot.
    const afterStar = matchChunk(chunk, "");
    if (afterStar === "bad") return true;
    if (afterStar === "no") return false;
    name = afterStar;
  }
  return false;
}

interface Chunk {
  readonly star: boolean;
  readonly chunk: string[];
  readonly after: string[];
}

/** Stars, and what follows them up to the next star outside of brackets. */
function scanChunk(pattern: string[]): Chunk {
  let start = 0;
  while (pattern[start] === "*") start++;
  let inRange = false;
  let index = start;
  for (; index < pattern.length; index++) {
    const char = pattern[index];
    if (char === "\\") index++;
    else if (char === "[") inRange = true;
    else if (char === "]") inRange = false;
    else if (char === "*" && !inRange) break;
  }
  return { star: start > 0, chunk: pattern.slice(start, index), after: pattern.slice(index) };
}

/** What is left of `name`, or "no" or "bad". `name` has at most one character. */
function matchChunk(chunk: readonly string[], name: string): string | "no" | "bad" {
  let left = name;
  let failed = false;
  for (let index = 0; index < chunk.length; ) {
    failed ||= left === "";
    const char = chunk[index];
    if (char === "[") {
      const range = readRange(chunk, index + 1);
      if (range === undefined) return "bad";
      failed ||= !range.hasDot;
      index = range.end;
    } else if (char === "\\" && index + 1 === chunk.length) {
      return "bad";
    } else {
      const literal = char === "\\" ? chunk[++index] : char;
      failed ||= char !== "?" && literal !== left;
      index++;
    }
    left = "";
  }
  return failed ? "no" : left;
}

/** A bracket expression after its "[": where it ends, and whether it matches a dot. Undefined for a bad one. */
function readRange(chunk: readonly string[], start: number): { end: number; hasDot: boolean } | undefined {
  let index = start;
  const negated = chunk[index] === "^";
  if (negated) index++;
  let hasDot = false;
  for (let count = 0; ; count++) {
    if (chunk[index] === "]" && count > 0) return { end: index + 1, hasDot: hasDot !== negated };
    const low = readRangeEnd(chunk, index);
    if (low === undefined) return undefined;
    index = low.end;
    let high = low;
    if (chunk[index] === "-") {
      const end = readRangeEnd(chunk, index + 1);
      if (end === undefined) return undefined;
      high = end;
      index = end.end;
    }
    hasDot ||= low.code <= 0x2e && 0x2e <= high.code;
  }
}

function readRangeEnd(chunk: readonly string[], start: number): { end: number; code: number } | undefined {
  let index = start;
  if (chunk[index] === "-" || chunk[index] === "]") return undefined;
  if (chunk[index] === "\\") index++;
  const code = chunk[index]?.codePointAt(0);
  // Something must follow, and it must be UTF-8.
  if (code === undefined || index + 1 >= chunk.length || (code >= 0xdc80 && code <= 0xdcff)) return undefined;
  return { end: index + 1, code };
}
