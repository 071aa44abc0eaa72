/** Exit codes of the commands. Documented for users in docs/exit-codes.md; 2 and 128 are the reference tool's. */
import { CommanderError } from "commander";
import { Interrupted } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

export const ExitCode = {
  done: 0,
  /** A build failed, an image is unknown, no engine: whatever has no code of its own. */
  failed: 1,
  /** The command line, or an option of a build, is wrong. */
  usage: 2,
  /** In CI: an image that an earlier job should have published isn't in the registry. */
  notPublished: 128,
} as const;

/** 128 and the signal's number, as shells have it. */
const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const satisfies Record<
  Interrupted["signalName"],
  number
>;

/**
 * The exit code of a command that has thrown `error`. A signal decides, whether it is among the causes or has aborted `signal`: what
 * breaks while things are being stopped matters less.
 */
export function exitCodeOf(error: unknown, signal?: AbortSignal): number {
  const interrupted = [signal?.reason, ...causes(error)].find((cause) => cause instanceof Interrupted);
  if (interrupted !== undefined) return SIGNAL_CODES[interrupted.signalName];
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  if (error instanceof UsageError) return ExitCode.usage;
  // Of a program that was run in the user's place.
  if (error instanceof Error && "exitCode" in error && typeof error.exitCode === "number") return error.exitCode;
  switch (codeOf(error)) {
    case "bad-option":
    case "bad-root":
    case "bad-version":
    case "bad-oci-layout":
    case "missing-input":
    case "missing-secret":
    case "secret-too-large":
    case "several-images":
    case "unknown-architecture":
    case "unknown-sanitizer":
      return ExitCode.usage;
    case "image-not-published":
      return ExitCode.notPublished;
    default:
      return ExitCode.failed;
  }
}

/** The error, its cause, the cause of that, and so on. */
export function causes(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let next = error; next !== undefined && !chain.includes(next); ) {
    chain.push(next);
    next = next instanceof Error ? next.cause : undefined;
  }
  return chain;
}

/** Something was given up: a call (gRPC's CANCELLED), or anything of Node's. Not always by us. */
export function isCancellation(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "AbortError" || (error.name === "RpcError" && codeOf(error) === "CANCELLED");
}

/** The `code` that our errors and those of Node have. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
