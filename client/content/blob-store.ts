/**
 * Reads and writes the blobs of one OCI layout. A blob appears under its digest only when it is complete and its digest is right.
 * Source: containerd v2.3.4: plugins/content/local (layout of the directory), plugins/services/content/contentserver.
 */
import { createHash, type Hash, randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errnoOf } from "../client-error.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { blobPath } from "./oci-layout.ts";

export interface BlobInfo {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

const PIECE_BYTES = 1024 * 1024;

/** Throws `RpcError` `INVALID_ARGUMENT` for what is no digest. Undefined where the blob is absent. */
export async function statBlob(layout: string, digest: string): Promise<BlobInfo | undefined> {
  try {
    const found = await stat(pathOf(layout, digest));
    return { sizeBytes: found.size, modifiedMs: found.mtimeMs };
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** `lengthBytes` from `offsetBytes` on, in pieces whose memory is reused. */
export async function* readBlob(
  layout: string,
  digest: string,
  offsetBytes: number,
  lengthBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(pathOf(layout, digest));
  try {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, lengthBytes));
    for (let left = lengthBytes, at = offsetBytes; left > 0; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, left), at);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      left -= bytesRead;
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** One blob on its way in. Ends with `commit` or `abort`. */
export class BlobWriter {
  readonly #layout: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly startedMs: number;
  #hash: Hash = createHash("sha256");
  #written = 0;

  private constructor(layout: string, temporary: string, file: FileHandle, startedMs: number) {
    this.#layout = layout;
    this.#temporary = temporary;
    this.#file = file;
    this.startedMs = startedMs;
  }

  static async open(layout: string, nowMs: number): Promise<BlobWriter> {
    const directory = join(layout, "ingest");
    await mkdir(directory, { recursive: true });
    const temporary = join(directory, randomBytes(12).toString("hex"));
    return new BlobWriter(layout, temporary, await open(temporary, "ax"), nowMs);
  }

  get writtenBytes(): number {
    return this.#written;
  }

  /** Of what was written so far. */
  get digest(): string {
    return `sha256:${this.#hash.copy().digest("hex")}`;
  }

  async write(data: Uint8Array): Promise<void> {
    await this.#file.appendFile(data);
    this.#hash.update(data);
    this.#written += data.length;
  }

  async restart(): Promise<void> {
    await this.#file.truncate(0);
    this.#hash = createHash("sha256");
    this.#written = 0;
  }

  /** Throws `RpcError` `FAILED_PRECONDITION` where size or digest are not the expected ones; 0 and "" expect nothing. */
  async commit(expectedBytes: number, expectedDigest: string): Promise<void> {
    const digest = this.digest;
    if (expectedBytes > 0 && expectedBytes !== this.#written) {
      throw new RpcError("FAILED_PRECONDITION", `unexpected commit size ${this.#written}, expected ${expectedBytes}`);
    }
    if (expectedDigest !== "" && expectedDigest !== digest) {
      throw new RpcError("FAILED_PRECONDITION", `unexpected commit digest ${digest}, expected ${expectedDigest}`);
    }
    await this.#file.close();
    const path = pathOf(this.#layout, digest);
    await mkdir(dirname(path), { recursive: true });
    await rename(this.#temporary, path);
  }

  async abort(): Promise<void> {
    await this.#file.close().catch(() => undefined); // a failed commit has closed it already
    await rm(this.#temporary, { force: true });
  }
}

function pathOf(layout: string, digest: string): string {
  const path = blobPath(layout, digest);
  if (path === undefined) throw new RpcError("INVALID_ARGUMENT", `${JSON.stringify(digest)} is not a digest`);
  return path;
}
