/** Ignore files and their patterns. */
export { readIgnoreFile } from "./ignore-file.ts";
export { newPatternMatcher, type ParentMatches, type PatternMatcher } from "./pattern-matcher.ts";
