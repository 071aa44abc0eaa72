/**
 * The Dockerfile language: text → stages and instructions → LLB and image config. Pure, without I/O.
 */
export type * from "./ast.ts";
export { newPatternMatcher, type ParentMatches, type PatternMatcher, readIgnoreFile } from "./ignore/index.ts";
export type * from "./instruction.ts";
export { expandInstruction, type Mount, parseTrigger, readMount } from "./instructions/index.ts";
export { parseDockerfile } from "./parse.ts";
export { detectSyntax, type FoundDirective, findDirective } from "./parser/directives.ts";
export { type EnvLookup, emptyEnv } from "./shell/env.ts";
export { type ExpandedWord, type LexOptions, processWord, processWords } from "./shell/lex.ts";
export { decodeText, encodeText } from "./text/bytes.ts";
