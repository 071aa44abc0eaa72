/** Paths as patterns of BuildKit's file matcher. */

/** A pattern that matches just this path. Source of the syntax: moby/patternmatcher v0.6.1: patternmatcher.go. */
export function literalPattern(path: string): string {
  const escaped = path.replace(/[\\*?[\]]/g, "\\$&");
  // At the start, "!" would negate; white space at either end would be trimmed.
  return escaped.replace(/^!/, "\\!").replace(/^\s|\s$/g, "[$&]");
}
