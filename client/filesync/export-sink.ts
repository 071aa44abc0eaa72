/** Where a file export (an archive as one stream of bytes) goes. */

import { randomBytes } from "node:crypto";
import { createWriteStream, realpathSync, statSync } from "node:fs";
import { chmod, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { finished, type Writable } from "node:stream";
import { ClientError } from "../client-error.ts";
import { exportError } from "./export-error.ts";

/** Takes one stream of bytes. After `write` calls comes either `close` or `abort`, once. */
export interface ExportSink {
  /** Resolves when more may be written. Throws `ClientError`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Everything arrived. Resolves when the output is complete and in its place. Throws `ClientError`. */
  close(): Promise<void>;
  /** Something failed: leaves no partial output. Never throws. */
  abort(): Promise<void>;
}

/**
 * A file that appears under its name only when it is complete; until then it is a hidden file beside it. A file that is
 * replaced keeps its mode, a symlink stays and its target is replaced; a device or pipe is written to directly.
 * Throws `ClientError` "export-failed" for a directory.
 */
export function fileSink(path: string): ExportSink {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory())
    throw new ClientError("export-failed", `${JSON.stringify(path)} is a directory, not a file`);
  if (existing !== undefined && !existing.isFile()) return streamSink(createWriteStream(path), path);
  return replacingSink(existing === undefined ? path : realpathSync(path), existing?.mode);
}

function replacingSink(path: string, mode: number | undefined): ExportSink {
  const temporary = join(dirname(path), `.${basename(path)}.export-${randomBytes(6).toString("hex")}`);
  const sink = streamSink(createWriteStream(temporary, { flags: "wx" }), path);
  return {
    write: sink.write,
    async close() {
      await sink.close();
      try {
        if (mode !== undefined) await chmod(temporary, mode & 0o7777);
        await rename(temporary, path);
      } catch (cause) {
        throw exportError(path, cause);
      }
    },
    async abort() {
      await sink.abort();
      await rm(temporary, { force: true });
    },
  };
}

/** Any stream. `close` ends it; where it is shared, such as standard output, pass `keepOpen`. */
export function streamSink(stream: Writable, name: string, options: { readonly keepOpen?: boolean } = {}): ExportSink {
  let failure: unknown;
  const onError = (error: unknown): void => {
    failure ??= error;
  };
  stream.on("error", onError);
  return {
    async write(bytes) {
      if (failure === undefined && !stream.write(bytes)) await drained(stream);
      if (failure !== undefined) throw exportError(name, failure);
    },
    async close() {
      if (options.keepOpen === true) {
        await new Promise<void>((resolve) => stream.write("", () => resolve()));
        stream.off("error", onError);
      } else {
        await ended(stream);
      }
      if (failure !== undefined) throw exportError(name, failure);
    },
    async abort() {
      if (options.keepOpen === true || stream.closed) return;
      stream.destroy();
      await ended(stream);
    },
  };
}

/** Until there is room, or the stream has failed: `failure` then tells. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done).off("close", done).off("error", done);
      resolve();
    };
    stream.on("drain", done).on("close", done).on("error", done);
  });
}

function ended(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    finished(stream, { readable: false }, () => resolve());
    if (!stream.destroyed) stream.end();
  });
}
