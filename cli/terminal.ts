/**
 * What a command knows of the process it runs in. Made once, in the entry point; commands and everything below them
 * get it as an argument, so that they can be run in tests and read nothing behind anyone's back.
 */
import type { Readable, Writable } from "node:stream";

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly cwd: string;
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Node's names of the operating system and processor. */
  readonly platform: string;
  readonly arch: string;
  readonly homeDir: string;
  readonly uid: number | undefined;
  readonly gid?: number | undefined;
  /** Aborted on Ctrl-C, SIGTERM and SIGHUP, and when nobody reads the output any more; the reason is an {@link Interrupted}. */
  readonly signal: AbortSignal;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
}

export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** The signals by which a command is stopped. SIGPIPE stands for an output whose reader has gone: Node ignores the signal itself. */
export type StoppingSignal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGPIPE";

/** Why a command was stopped from outside. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signalName: StoppingSignal;

  constructor(signalName: StoppingSignal) {
    super(`interrupted by ${signalName}`);
    this.signalName = signalName;
  }
}

/** The terminal of this process. A second signal ends it at once. */
export function processTerminal(): Terminal {
  const abort = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (abort.signal.aborted) leave(130);
      abort.abort(new Interrupted(name));
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") return abort.abort(new Interrupted("SIGPIPE"));
      // A full disk, mostly. There is nothing to go on for.
      if (stream === process.stdout) process.stderr.write(`error: the output can't be written: ${error.message}\n`);
      process.exit(1);
    });
  }
  return {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    platform: process.platform,
    arch: process.arch,
    homeDir: process.env["HOME"] ?? "/",
    uid: process.getuid?.(),
    gid: process.getgid?.(),
    signal: abort.signal,
    now: () => Date.now(),
  };
}

/** Ends the process, after what was written to pipes has arrived. What still runs when a command was stopped is given up. */
export function endWith({ signal }: Terminal, exitCode: number): void {
  process.exitCode = exitCode;
  if (signal.aborted) process.exit();
}

/** Ends the process at once, with the terminal as it was before displays hid the cursor and containers took the keys. */
function leave(exitCode: number): never {
  if (process.stderr.isTTY) process.stderr.write("\x1b[?25h");
  if (process.stdin.isTTY) process.stdin.setRawMode(false);
  process.exit(exitCode);
}

/** Whether a stream takes colours: a terminal that isn't dumb, and nobody said `NO_COLOR` (https://no-color.org). */
export function takesColour(stream: OutputStream, env: Terminal["env"]): boolean {
  return stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}
