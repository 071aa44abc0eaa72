/** Errors as people are told them, and as exit codes. */
export { type CodeFrameOptions, codeFrames } from "./code-frame.ts";
export { ExitCode, exitCodeOf } from "./exit-code.ts";
export { type RenderErrorOptions, renderError } from "./render-error.ts";
