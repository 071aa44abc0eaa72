/**
 * git's pathspecs over a listing that is known already, so that no process runs for each. docs/format.md, "Pathspecs".
 * Source: git v2.39: pathspec.c (magic words, normalising), dir.c (match_pathspec_item).
 */
import { posix } from "node:path";
import { BuildError } from "../llb/index.ts";
import { isBelow } from "./file-set.ts";
import { compileWildmatch, type WildmatchOptions } from "./wildmatch.ts";

/** Whether a path, relative to the directory that the pathspec is evaluated in, matches. */
export type PathMatcher = (path: string) => boolean;

/**
 * Compiles one pathspec. Throws `BuildError` "bad-pathspec" for magic that has no meaning over a listing (`attr`), is unknown,
 * or leaves the directory.
 */
export function compilePathspec(pathspec: string): PathMatcher {
  const { pattern, magic } = parseMagic(pathspec);
  const matches = compilePattern(pathspec, pattern, magic);
  return magic.has("exclude") ? (path) => !matches(path) : matches;
}

type Magic = "top" | "literal" | "icase" | "glob" | "exclude";

const SHORT_MAGIC: ReadonlyMap<string, Magic> = new Map([
  ["/", "top"],
  ["!", "exclude"],
  ["^", "exclude"],
]);
const LONG_MAGIC: ReadonlySet<string> = new Set<Magic>(["top", "literal", "icase", "glob", "exclude"]);

interface Parsed {
  readonly pattern: string;
  readonly magic: ReadonlySet<Magic>;
}

function parseMagic(pathspec: string): Parsed {
  if (!pathspec.startsWith(":")) return { pattern: pathspec, magic: new Set() };
  return pathspec.startsWith(":(") ? parseLongMagic(pathspec) : parseShortMagic(pathspec);
}

function parseLongMagic(pathspec: string): Parsed {
  const end = pathspec.indexOf(")");
  if (end < 0) throw bad(pathspec, "misses the closing parenthesis of its magic words");
  const words = pathspec.slice(2, end).split(",");
  const magic = new Set<Magic>();
  for (const word of words.filter((each) => each !== "" && !each.startsWith("prefix:"))) {
    if (!LONG_MAGIC.has(word))
      throw bad(pathspec, `has the magic word ${JSON.stringify(word)}, which is not supported`);
    // A member of the set of these very words.
    magic.add(word as Magic);
  }
  return { pattern: pathspec.slice(end + 1), magic };
}

/** Signs up to the first character that is no sign, or up to a second colon. */
function parseShortMagic(pathspec: string): Parsed {
  const magic = new Set<Magic>();
  let index = 1;
  for (; index < pathspec.length && pathspec[index] !== ":"; index++) {
    const sign = pathspec[index] ?? "";
    const word = SHORT_MAGIC.get(sign);
    if (word === undefined && !/[!"#%&',\-/;<=>@_`~]/.test(sign)) break;
    if (word === undefined) throw bad(pathspec, `has the magic sign ${JSON.stringify(sign)}, which is unknown`);
    magic.add(word);
  }
  return { pattern: pathspec.slice(pathspec[index] === ":" ? index + 1 : index), magic };
}

function compilePattern(pathspec: string, pattern: string, magic: ReadonlySet<Magic>): PathMatcher {
  if (magic.has("top"))
    throw bad(pathspec, "begins at the top of the repository: name the directory as `source` instead");
  const normalised = pattern === "" ? "." : posix.normalize(pattern);
  if (pathspec === "" || normalised.startsWith("/") || /^\.\.(?:\/|$)/.test(normalised)) {
    throw bad(pathspec, pathspec === "" ? "is empty" : "leaves the directory that it is evaluated in");
  }
  if (normalised === "." || normalised === "./") return () => true;
  const ignoreCase = magic.has("icase");
  const isLiteral = matchLiterally(ignoreCase ? normalised.toLowerCase() : normalised);
  const literally: PathMatcher = ignoreCase ? (path) => isLiteral(path.toLowerCase()) : isLiteral;
  if (magic.has("literal") || !/[*?[\\]/.test(normalised)) return literally;
  const wildly = matchWildly(normalised, { pathname: magic.has("glob"), ignoreCase });
  return (path) => literally(path) || wildly(path);
}

/** The path itself or, where it is a directory, all below it. A trailing slash asks for a directory. */
function matchLiterally(pattern: string): PathMatcher {
  const directory = pattern.replace(/\/$/, "");
  return (path) => path === pattern || isBelow(path, directory);
}

/** git compares what is before the first wildcard by itself, so that `**` right after it counts as the beginning. */
function matchWildly(pattern: string, options: WildmatchOptions): PathMatcher {
  const fold = (text: string) => (options.ignoreCase ? text.toLowerCase() : text);
  const prefix = fold(/^[^*?[\\]*/.exec(pattern)?.[0] ?? "");
  const matchesRest = compileWildmatch(pattern.slice(prefix.length), options);
  if (matchesRest === undefined) return () => false;
  return (path) => fold(path.slice(0, prefix.length)) === prefix && matchesRest(path.slice(prefix.length));
}

function bad(pathspec: string, what: string): BuildError {
  return new BuildError("bad-pathspec", `the pathspec ${JSON.stringify(pathspec)} ${what}`);
}
