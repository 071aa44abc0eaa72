/**
 * A lock between processes that no kill can leave behind: the kernel's flock(2), held by a `flock` child (util-linux,
 * busybox) that ends when our end of its stdin does, however our process ends.
 */
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { EngineError } from "./engine-error.ts";

export interface LockOptions {
  /** PATH to find `flock` on. */
  readonly path: string;
  /** Called once, when another process has held the lock for a moment. */
  readonly onWait?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Shorter waits are not worth a word. */
const NOTICED_MS = 300;

/** Runs `body` while holding the lock on `file`, which is created with its directory where missing and never removed. */
export async function withFileLock<T>(file: string, options: LockOptions, body: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  let release = await acquire(file, ["-x", "-n"], options);
  if (release === undefined) {
    const noticed = setTimeout(() => options.onWait?.(), NOTICED_MS);
    release = await acquire(file, ["-x"], options).finally(() => clearTimeout(noticed));
  }
  if (release === undefined) throw new EngineError("engine-start-failed", `flock gave no lock on ${file}`);
  try {
    return await body();
  } finally {
    await release();
  }
}

/** Resolves to the way to let go, or to undefined when another process holds the lock (`-n` only). */
function acquire(file: string, flags: readonly string[], options: LockOptions) {
  return new Promise<(() => Promise<void>) | undefined>((resolve, reject) => {
    options.signal?.throwIfAborted();
    const child = spawn("flock", [...flags, file, "sh", "-c", "echo held; exec cat"], {
      env: { PATH: options.path },
      // Out of the terminal's reach: a Ctrl-C must not free what we still hold.
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const closed = new Promise<void>((done) => child.once("close", () => done()));
    const abort = () => child.kill();
    options.signal?.addEventListener("abort", abort, { once: true });
    child.once("error", (cause) => {
      const hint = "It is part of util-linux (Debian: apt-get install util-linux).";
      reject(new EngineError("missing-program", "the program `flock` is needed and can't be run", { hint, cause }));
    });
    child.once("close", () => {
      options.signal?.removeEventListener("abort", abort);
      if (options.signal?.aborted) reject(options.signal.reason);
      else resolve(undefined);
    });
    child.stdout.once("data", () => {
      options.signal?.removeEventListener("abort", abort);
      child.stdin.once("error", () => {}); // The child may be gone already, and with it the lock.
      resolve(() => {
        child.stdin.end();
        return closed;
      });
    });
  });
}
