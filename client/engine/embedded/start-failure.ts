/** Why an engine that was started doesn't run: the end of its log, and advice for what is known to go wrong. */
import { readFile } from "node:fs/promises";
import { EngineError } from "../engine-error.ts";

const SHOWN_LINES = 8;

/** Patterns in the log, and what to do about them. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /No sub[ug]id ranges/i,
    "Have an administrator give this user subordinate ids: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER.",
  ],
  [
    /(operation not permitted|permission denied).*(unshare|clone|user namespace|uid_map)|(unshare|clone|uid_map).*(operation not permitted|permission denied)/i,
    "This system keeps users from making namespaces (in a container it has to be a privileged one): " +
      "allow it, run as root, or name an engine elsewhere with --buildkit.",
  ],
];

/** `how` completes the sentence "the engine was started and"; `logStart` is where this start's part of the log begins, in bytes. */
export async function startFailure(how: string, logFile: string, logStart: number): Promise<EngineError> {
  const log = await readFile(logFile).catch(() => Buffer.alloc(0));
  const text = log.subarray(logStart).toString("utf8").trimEnd();
  const lines = withoutStack(text === "" ? [] : text.split("\n")).slice(-SHOWN_LINES);
  const message = [`the engine was started and ${how}${lines.length === 0 ? "" : "; its last words:"}`, ...lines].join(
    "\n  ",
  );
  const advice = ADVICE.find(([pattern]) => pattern.test(text))?.[1];
  return new EngineError("engine-start-failed", message, { hint: advice ?? `Its log is ${logFile}.` });
}

/** Go prints a stack after the error itself: each function, and below it, indented, its place. */
function withoutStack(lines: readonly string[]): readonly string[] {
  return lines.filter((line, i) => !line.startsWith("\t") && lines[i + 1]?.startsWith("\t") !== true);
}
