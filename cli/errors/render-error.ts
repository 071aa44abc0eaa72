/** An error as a person is told it: what is wrong, where, what was tried, what to do. */
import { CommanderError } from "commander";
import { BuildError } from "../../llb/index.ts";
import { Interrupted } from "../terminal.ts";
import { type Paint, paintWith } from "../text/index.ts";
import { codeFrames } from "./code-frame.ts";
import { causes, codeOf, isCancellation } from "./exit-code.ts";

export interface RenderErrorOptions {
  readonly colour: boolean;
  /** The text of a file that an error names, by its path as the error has it; undefined if it can't be had. */
  readonly readSource?: ((file: string) => string | undefined) | undefined;
  /** Width to which source lines are cut. Default: 100. */
  readonly columns?: number | undefined;
  /** The signal by which the command is stopped: errors that say no more than that it was are not told. */
  readonly signal?: AbortSignal | undefined;
  /** Shows stack traces. */
  readonly debug?: boolean | undefined;
}

/** The text, several lines, each ended by a line feed. Empty for an interruption: whoever pressed Ctrl-C knows. */
export function renderError(error: unknown, options: RenderErrorOptions): string {
  const paint = paintWith(options.colour);
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map((each) => renderError(each, options)).join("\n");
  }
  if (isInterruption(error, options.signal)) return "";
  const { message, known } = describe(error);
  const [first = "", ...more] = message.trimEnd().split("\n");
  const lines = [
    `${paint("bad", leadOf(error))} ${paint("strong", first)}`,
    ...more,
    ...places(error, options, paint),
    ...tried(error),
    ...causeLines(error, message),
    ...hintLines(error, known, options, paint),
    ...(options.debug ? stackLines(error) : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** A name on the command line that is no image's is told as the original tool does, for scripts that look for that. */
function leadOf(error: unknown): string {
  return error instanceof BuildError && error.code === "unknown-image" && error.at.length === 0 ? "fatal:" : "error:";
}

function isInterruption(error: unknown, signal: AbortSignal | undefined): boolean {
  const chain = causes(error);
  // What comes of writing to it, for one.
  if (signal?.reason instanceof Interrupted && signal.reason.signalName === "SIGPIPE") return true;
  return (
    chain.some((cause) => cause instanceof Interrupted) || (signal?.aborted === true && chain.some(isCancellation))
  );
}

/** The names of errors whose messages are written for people. */
const OWN_ERRORS: ReadonlySet<string> = new Set([
  "BuildError",
  "ClientError",
  "ComposeError",
  "ConnectError",
  "EngineError",
  "RegistryError",
  "RpcError",
  "UsageError",
  "WorkflowError",
]);

/** The message, and whether the error is one that can be met in use rather than a defect of this program. */
function describe(error: unknown): { readonly message: string; readonly known: boolean } {
  if (!(error instanceof Error)) return { message: String(error), known: false };
  // By class, as a bundler may rename it, and with it its errors. Commander writes the prefix into the message.
  if (error instanceof CommanderError) return { message: error.message.replace(/^error: /, ""), known: true };
  if (OWN_ERRORS.has(error.name)) return { message: error.message, known: true };
  // Errors of the operating system, such as "ENOSPC: no space left on device, write".
  if ("syscall" in error && codeOf(error) !== undefined) return { message: error.message, known: true };
  return { message: `${error.name}: ${error.message}`, known: false };
}

function places(error: unknown, options: RenderErrorOptions, paint: Paint): string[] {
  if (!(error instanceof BuildError)) return [];
  const readSource = options.readSource ?? (() => undefined);
  return codeFrames(error.at, { readSource, columns: options.columns ?? 100, paint });
}

/** Ways to an engine that were tried: `EngineError.tried`. */
function tried(error: unknown): string[] {
  if (!(error instanceof Error) || !("tried" in error) || !Array.isArray(error.tried)) return [];
  return error.tried.map(
    (attempt: { readonly what: string; readonly result: string }) => `  ${attempt.what}: ${attempt.result}`,
  );
}

/** What lies underneath, as far as it says anything new. */
function causeLines(error: unknown, message: string): string[] {
  const lines: string[] = [];
  let said = message;
  for (const cause of causes(error).slice(1)) {
    const text = cause instanceof Error ? cause.message : String(cause);
    if (text === "" || said.includes(text)) continue;
    said += text;
    lines.push(`  caused by: ${text}`);
  }
  return lines;
}

function hintLines(error: unknown, known: boolean, { debug }: RenderErrorOptions, paint: Paint): string[] {
  const hint = error instanceof Error && "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
  const text = hint ?? (known || debug ? undefined : "this is a defect of the program: --debug shows where");
  return text === undefined ? [] : [`  ${paint("accent", "=")} ${text}`];
}

function stackLines(error: unknown): string[] {
  return causes(error).flatMap((cause, index) => {
    if (!(cause instanceof Error) || cause.stack === undefined) return [];
    return `${index === 0 ? "" : "caused by: "}${cause.stack}`.split("\n").map((line) => `  ${line}`);
  });
}
