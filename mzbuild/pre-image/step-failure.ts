/**
 * What a script of ours says when it fails: two lines near the end of its output, for people and for programs.
 *
 *     mzbuild: error[missing-extract]: the build script of `rates` left no `plans.rs` in its output directory
 *     mzbuild: help: it left rates.txt
 *
 * What the message has between backquotes are names as mzbuild.yml has them, if it has them at all. The places of the step
 * are those of every name that it was made from: so a client can tell which of them is meant.
 */

export interface StepFailure {
  /** Stable: docs/cargo.md, "Failures". */
  readonly code: string;
  readonly message: string;
  readonly help: string | undefined;
  /** What the message has between backquotes, in its order. */
  readonly names: readonly string[];
}

/** `die CODE MESSAGE HELP [STATUS]`, a function of POSIX shell; HELP may be empty. */
export const dieFunction = `
die() {
  echo "mzbuild: error[$1]: $2" >&2
  if [ -n "$3" ]; then echo "mzbuild: help: $3" >&2; fi
  exit "\${4:-1}"
}
`;

/** The lines that `die` writes. */
export const STEP_FAILURE_LINE = /^mzbuild: (?:error\[[\w-]+\]|help): /;

/** From the output of a failed step, line by line; undefined where it failed without such words. */
export function readStepFailure(output: readonly string[]): StepFailure | undefined {
  const index = output.findLastIndex((line) => line.startsWith("mzbuild: error["));
  const [, code, message] = /^mzbuild: error\[([\w-]+)\]: (.*)/.exec(output[index]?.trimEnd() ?? "") ?? [];
  if (code === undefined || message === undefined) return undefined;
  const help = /^mzbuild: help: (.*)/.exec(output[index + 1]?.trimEnd() ?? "")?.[1];
  const names = [...message.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");
  return { code, message, help, names };
}
