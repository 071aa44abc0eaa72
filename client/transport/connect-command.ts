/** Connections through the standard input and output of a program, such as `docker exec -i NAME buildctl dial-stdio`. */

import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { ConnectError } from "./connect-error.ts";

/** How much of what the program says to standard error is kept for the message. */
const KEPT_BYTES = 2000;

/**
 * Runs a program and returns its standard input and output as one stream, which is destroyed with a `ConnectError` "command-failed" if
 * the program fails. Destroying the stream ends the program. Throws that error if the program can't be started.
 */
export async function connectCommand(
  file: string,
  args: readonly string[],
  env?: Readonly<Record<string, string | undefined>>,
): Promise<Duplex> {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], ...(env && { env: { ...env } }) });
  const said = keepTail(child);
  await started(child, file);
  return stdioOf(child, (status, signal) => {
    const how = status === null ? `was ended by ${signal}` : `failed with status ${status}`;
    const words = said().trim();
    return new ConnectError("command-failed", `${file} ${how}${words === "" ? "" : `: ${words}`}`);
  });
}

/** The stream ends only with the program, so that what it said last is known when its output ends. */
function stdioOf(
  child: ChildProcessWithoutNullStreams,
  failure: (status: number | null, signal: string | null) => ConnectError,
): Duplex {
  const duplex = new Duplex({
    read() {
      child.stdout.resume();
    },
    write(chunk, _encoding, done) {
      // A program that doesn't read any more is about to end, which says more than EPIPE.
      child.stdin.write(chunk, () => done());
    },
    final(done) {
      child.stdin.end(() => done());
    },
    destroy(error, done) {
      child.kill();
      done(error);
    },
  });
  child.stdin.on("error", () => {});
  child.stdout.on("data", (chunk: Uint8Array) => {
    if (!duplex.push(chunk)) child.stdout.pause();
  });
  child.once("close", (status, signal) => {
    if (status === 0) duplex.push(null);
    else duplex.destroy(failure(status, signal));
  });
  return duplex;
}

function started(child: ChildProcess, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "ENOENT" ? "is not installed" : `can't be run: ${cause.message}`;
      reject(new ConnectError("command-failed", `${file} ${why}`, { cause }));
    });
  });
}

function keepTail(child: ChildProcess): () => string {
  let tail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-KEPT_BYTES);
  });
  return () => tail;
}
