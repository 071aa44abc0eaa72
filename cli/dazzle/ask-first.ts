/** A run that only asks: where nothing has to be built, that is all of it, and most of the program need not be loaded. */
import { Writable } from "node:stream";
import { runProgram } from "../run-program.ts";
import type { OutputStream, Terminal } from "../terminal.ts";
import type { LoadEngineSide } from "./engine-side.ts";
import { mzdazzleProgram } from "./program.ts";

/**
 * The exit code of a run that came to its end so. Undefined for one that has more to do, or something to complain of: it is to be run
 * again, by the whole program, and nothing of it was shown.
 */
export async function askFirst(terminal: Terminal, args: readonly string[]): Promise<number | undefined> {
  const left = new AbortController();
  const stdout = held(terminal.stdout);
  const stderr = held(terminal.stderr);
  const engineSide: LoadEngineSide = async () => {
    const reason = new Error("the whole program is needed");
    left.abort(reason);
    throw reason;
  };
  const signal = AbortSignal.any([terminal.signal, left.signal]);
  const asking = { ...terminal, stdout: stdout.stream, stderr: stderr.stream, signal };
  const exitCode = await runProgram(asking, args, (own) => mzdazzleProgram(own, engineSide));
  if (exitCode !== 0 && !terminal.signal.aborted) return undefined;
  terminal.stdout.write(stdout.text());
  terminal.stderr.write(stderr.text());
  return exitCode;
}

/** A stream like another one, that keeps what is written. */
function held({ isTTY = false, columns = 80, rows = 24 }: OutputStream): {
  readonly stream: OutputStream;
  readonly text: () => string;
} {
  const pieces: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (piece: string | Buffer, _encoding, done) => {
      pieces.push(String(piece));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns, rows }), text: () => pieces.join("") };
}
