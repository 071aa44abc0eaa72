/**
 * Which chunks the ignore list of dazzle.yaml leaves out: lines in the manner of .gitignore, matched against a chunk's name.
 * Source: sabhiram/go-gitignore v0.0.0-20210923224102 (`getPatternFromLine`), which is no gitignore in every respect.
 */

interface Rule {
  readonly pattern: RegExp;
  readonly takesBack: boolean;
}

/** Answers whether a chunk, named as `lang:1.10`, is left out. */
export function ignoreList(lines: readonly string[]): (name: string) => boolean {
  const rules = lines.flatMap((line) => ruleOf(line) ?? []);
  return (name) =>
    rules.reduce((ignored, { pattern, takesBack }) => (pattern.test(name) ? !takesBack : ignored), false);
}

/** Stands for a star that is to stay one. */
const KEPT_STAR = "#$~";

function ruleOf(written: string): Rule | undefined {
  let line = written.replace(/\r+$/, "");
  if (line.startsWith("#")) return undefined;
  line = line.replace(/^ +| +$/g, "");
  if (line === "") return undefined;
  const takesBack = line.startsWith("!");
  if (takesBack) line = line.slice(1);
  if (/^[#!]/.test(line)) line = line.slice(1);
  if (/[^/+]\/.*\*\./.test(line) && !line.startsWith("/")) line = `/${line}`;
  line = line.replaceAll(".", "\\.");
  if (line.startsWith("/**/")) line = line.slice(1);
  line = line
    .replaceAll("/**/", "(/|/.+/)")
    .replaceAll("**/", `(|.${KEPT_STAR}/)`)
    .replaceAll("/**", `(|/.${KEPT_STAR})`)
    .replaceAll("\\*", `\\${KEPT_STAR}`)
    .replaceAll("*", "([^/]*)")
    .replaceAll("?", "\\?")
    .replaceAll(KEPT_STAR, "*");
  const whole = line.endsWith("/") ? `${line}(|.*)$` : `${line}(|/.*)$`;
  const pattern = compiled(whole.startsWith("/") ? `^(|/)${whole.slice(1)}` : `^(|.*/)${whole}`);
  return pattern === undefined ? undefined : { pattern, takesBack };
}

/** What Go's engine doesn't know is dropped there as what is no expression at all. */
function compiled(expression: string): RegExp | undefined {
  if (/\\[1-9k]|\(\\\?/.test(expression)) return undefined;
  try {
    return new RegExp(expression, "s");
  } catch {
    return undefined;
  }
}
