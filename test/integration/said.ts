import type { Readable } from "node:stream";

/** Resolves when a stream has said it; rejects when it ends before. Whoever else reads the stream goes on. */
export function said(stream: Readable | null, what: RegExp): Promise<void> {
  let text = "";
  return new Promise((done, reject) => {
    stream?.on("data", (chunk) => {
      text += String(chunk);
      if (what.test(text)) done();
    });
    stream?.once("end", () => reject(new Error(`${what} was never said, but: ${text}`)));
  });
}
