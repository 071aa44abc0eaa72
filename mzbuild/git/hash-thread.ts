/** A thread that hashes files beside the main one. Its program is a text, since a program bundled as one file has no other to load. */
import { once } from "node:events";
import { type MessagePort, Worker } from "node:worker_threads";
import { type HashContent, makeContentHash } from "./hash-content.ts";

export interface FileToHash {
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** A SHA-1 in hexadecimal, or how reading failed. */
export type HashAnswer = string | { readonly code: string; readonly message: string };

export interface HashThread {
  /** One answer a file, in order. May be asked again meanwhile. Rejects where the thread has ended. */
  hash(files: readonly FileToHash[]): Promise<readonly HashAnswer[]>;
}

/** It ends with the process, which it doesn't keep alive while nothing is asked of it. Rejects where it can't be started. */
export async function startHashThread(): Promise<HashThread> {
  const hash = `(${makeContentHash})(require("node:fs"), require("node:crypto"))`;
  const port = `require("node:worker_threads").parentPort`;
  const worker = new Worker(`(${serve})(${port}, (${answerFor}), ${hash})`, { eval: true });
  const waiting: PromiseWithResolvers[] = [];
  const end = (cause: unknown): void => {
    for (const { reject } of waiting.splice(0)) reject(cause);
  };
  worker.on("message", (answers: readonly HashAnswer[]) => {
    waiting.shift()?.resolve(answers);
    if (waiting.length === 0) worker.unref();
  });
  worker.on("error", end);
  worker.on("exit", () => end(new Error("the thread has ended")));
  worker.unref();
  await once(worker, "online");
  return {
    hash: (files) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        worker.ref();
        worker.postMessage(files);
      }),
  };
}

interface PromiseWithResolvers {
  readonly resolve: (answers: readonly HashAnswer[]) => void;
  readonly reject: (cause: unknown) => void;
}

/** Also in the thread, as text: it uses nothing of this module. */
export function answerFor(hash: HashContent, { path, sizeBytes }: FileToHash): HashAnswer {
  try {
    return hash(path, sizeBytes);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return { code, message: String(error) };
  }
}

/** In the thread, as text: it uses nothing of this module. */
function serve(port: MessagePort, answer: typeof answerFor, hash: HashContent): void {
  port.on("message", (files: readonly FileToHash[]) => port.postMessage(files.map((file) => answer(hash, file))));
}
