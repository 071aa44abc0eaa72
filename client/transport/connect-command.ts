/** Connections through the standard input and output of a program, such as `docker exec -i NAME buildctl dial-stdio`. */

import { type ChildProcess, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { ConnectError } from "./connect-error.ts";

/** How much of what the program says to standard error is kept for the message. */
const keptBytes = 2000;

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
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.once("close", (status, signal) => {
    if (status === 0 || duplex.destroyed) return;
    const how = status === null ? `was ended by ${signal}` : `failed with status ${status}`;
    const words = said().trim();
    duplex.destroy(new ConnectError("command-failed", `${file} ${how}${words === "" ? "" : `: ${words}`}`));
  });
  duplex.once("close", () => child.kill());
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
    tail = (tail + text).slice(-keptBytes);
  });
  return () => tail;
}
