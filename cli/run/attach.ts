/**
 * Connects a process in a container with the terminal of the caller: input, output, size, signals.
 *
 * With a terminal on both sides, keys go through as they are, Ctrl-C too, and the container's terminal follows the size of
 * ours. Without one, signals are handed on by name.
 */
import { once } from "node:events";
import type { Process, ProcessOptions } from "../../client/index.ts";
import { Interrupted, type OutputStream, type Terminal } from "../terminal.ts";
import type { ContainerCommand } from "./container-command.ts";

/** Whether a process gets a terminal: where it has one to show itself in and to be typed into. */
export function wantsTty({ stdin, stdout }: Terminal): boolean {
  return stdin.isTTY === true && stdout.isTTY === true;
}

/** Runs `command` through `start` until it ends, and gives its exit code. The terminal is left as it was found. */
export async function attach(
  terminal: Terminal,
  command: ContainerCommand,
  start: (options: ProcessOptions) => Process,
): Promise<number> {
  const tty = wantsTty(terminal);
  const ended = new AbortController();
  const process = start({
    ...command,
    tty,
    stdin: inputUntil(terminal.stdin, ended.signal),
    onStdout: (data) => writeTo(terminal.stdout, data),
    onStderr: (data) => writeTo(terminal.stderr, data),
  });
  const detach = tty ? followTerminal(terminal, process) : handSignalsOn(terminal, process);
  try {
    return await process.exit;
  } finally {
    detach();
    ended.abort();
  }
}

function followTerminal(terminal: Terminal, process: Process): () => void {
  const resize = (): void =>
    process.resize({ rows: terminal.stdout.rows ?? 24, columns: terminal.stdout.columns ?? 80 });
  terminal.stdin.setRawMode?.(true);
  terminal.stdout.on("resize", resize);
  void process.started.then(resize, () => {});
  const unhand = handSignalsOn(terminal, process);
  return () => {
    unhand();
    terminal.stdout.off("resize", resize);
    terminal.stdin.setRawMode?.(false);
  };
}

function handSignalsOn({ signal }: Terminal, process: Process): () => void {
  const onAbort = (): void => {
    process.kill(signal.reason instanceof Interrupted ? signal.reason.signalName.slice("SIG".length) : "TERM");
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

/** The caller's input, until it ends or the process does. What is left unread stays unread. */
async function* inputUntil(stdin: Terminal["stdin"], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = new Promise<undefined>((resolve) =>
    signal.addEventListener("abort", () => resolve(undefined), { once: true }),
  );
  try {
    for (;;) {
      const chunk: Uint8Array | null = stdin.read();
      if (chunk !== null) yield chunk;
      else if (stdin.readableEnded || stdin.destroyed) return;
      else if ((await Promise.race([nextInput(stdin, signal), stop])) === undefined) return;
    }
  } finally {
    // An input that nobody reads any more must not keep this program alive.
    stdin.pause();
    if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  }
}

async function nextInput(stdin: Terminal["stdin"], signal: AbortSignal): Promise<true> {
  await Promise.race([once(stdin, "readable", { signal }), once(stdin, "end", { signal })]).catch(() => {});
  return true;
}

function writeTo(stream: OutputStream, data: Uint8Array): Promise<void> | undefined {
  if (stream.write(data)) return undefined;
  return once(stream, "drain").then(() => {});
}
