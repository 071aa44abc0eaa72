import { BuildError, type SourceRange } from "../../../llb/index.ts";

/**
 * An error of the Dockerfile language, with BuildKit's text. `at` narrows the place down where that is known; otherwise it
 * is the instruction that is being read, which the parser adds (it lets none of these out) or the compiler.
 */
export function syntaxError(message: string, at?: SourceRange): BuildError {
  return new BuildError("dockerfile", message, at === undefined ? {} : { at: [at] });
}
