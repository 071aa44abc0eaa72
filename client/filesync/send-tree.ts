/**
 * The sending end of fsutil's transfer protocol: announce every entry, send the files that the receiver asks for.
 * Source: tonistiigi/fsutil v0.0.0-20260819142231: send.go. Differences, because a build must not use an empty file in
 * silence: what can't be read fails the transfer with the file's name (the original sends it empty), and a file that
 * vanished after it was announced is sent empty, as there, but reported to `onVanished`.
 */
import { setImmediate } from "node:timers/promises";
import { ClientError, messageOf } from "../client-error.ts";
import { toStat } from "./entry-stat.ts";
import { decodePacket, encodePacket } from "./packet.ts";
import type { PathFilter } from "./path-filter.ts";
import type { SyncContent, SyncTree } from "./sync-tree.ts";
import { walkTree } from "./walk-tree.ts";

/** Both directions of a transfer, as encoded packets. */
export interface PacketStream {
  readonly requests: AsyncIterable<Uint8Array>;
  /** A promise where the peer doesn't keep up, to be awaited before sending more. */
  send(message: Uint8Array): Promise<void> | undefined;
}

export interface SendOptions {
  readonly filter: PathFilter;
  readonly onVanished?: ((path: string) => void) | undefined;
}

/** Files on their way at a time, as in the original; each holds at most one piece in memory. */
const CONCURRENT_FILES = 4;
const PIECE_BYTES = 256 * 1024;
/** Entries announced before other work gets its turn. */
const ENTRIES_PER_TURN = 512;

/**
 * Resolves when the receiver has all it wants. Throws `ClientError` "sync-peer-failed" (the receiver gave up),
 * "sync-protocol" (it broke the rules), "unreadable-input", or what the tree throws; the receiver is told before.
 */
export async function sendTree(tree: SyncTree, stream: PacketStream, options: SendOptions): Promise<void> {
  const transfer = new Transfer(tree, stream, options);
  try {
    await transfer.run();
  } catch (error) {
    try {
      await stream.send(encodePacket({ kind: "error", message: messageOf(error) }));
      // A receiver that finds the stream ended while it still writes would report just that instead of the reason.
      await transfer.drained();
    } catch {
      // The stream is gone, and with it whoever could have been told.
    }
    throw error;
  }
}

interface AnnouncedFile {
  readonly id: number;
  readonly path: string;
  readonly sizeBytes: number;
}

class Transfer {
  readonly #tree: SyncTree;
  readonly #stream: PacketStream;
  readonly #options: SendOptions;
  readonly #announced = new Map<number, AnnouncedFile>();
  readonly #wanted: AnnouncedFile[] = [];
  readonly #workers = new Set<Promise<void>>();
  #answering: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(tree: SyncTree, stream: PacketStream, options: SendOptions) {
    this.#tree = tree;
    this.#stream = stream;
    this.#options = options;
  }

  async run(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#announce().catch(reject);
        this.#answering = this.#answer(reject);
        this.#answering.then(resolve, reject);
      });
    } finally {
      this.#stopped = true;
    }
  }

  /** Resolves, or throws, when the receiver has ended its side. */
  async drained(): Promise<void> {
    await this.#answering;
  }

  async #announce(): Promise<void> {
    let id = 0;
    for (const walked of walkTree(this.#tree, this.#options.filter)) {
      if (walked.entry.kind === "file") {
        this.#announced.set(id, { id, path: walked.path, sizeBytes: walked.entry.sizeBytes });
      }
      id++;
      await this.#stream.send(encodePacket({ kind: "stat", stat: toStat(walked) }));
      if (id % ENTRIES_PER_TURN === 0) await setImmediate();
      if (this.#stopped) return;
    }
    await this.#stream.send(encodePacket({ kind: "stat", stat: undefined }));
  }

  async #answer(fail: (error: unknown) => void): Promise<void> {
    for await (const message of this.#stream.requests) {
      if (this.#stopped) continue;
      const packet = decodePacket(message);
      if (packet.kind === "error") throw new ClientError("sync-peer-failed", `error from receiver: ${packet.message}`);
      if (packet.kind === "finish") {
        await Promise.all(this.#workers);
        return this.#stream.send(encodePacket({ kind: "finish" }));
      }
      if (packet.kind === "request") this.#want(packet.id, fail);
    }
    throw new ClientError("sync-protocol", "the receiver closed the stream before the transfer was finished");
  }

  #want(id: number, fail: (error: unknown) => void): void {
    const file = this.#announced.get(id);
    if (file === undefined) throw new ClientError("sync-protocol", `invalid file id ${id}`);
    this.#announced.delete(id); // each file goes out once
    this.#wanted.push(file);
    if (this.#workers.size >= CONCURRENT_FILES) return;
    const worker: Promise<void> = this.#work()
      .catch(fail)
      .finally(() => this.#workers.delete(worker));
    this.#workers.add(worker);
  }

  async #work(): Promise<void> {
    await setImmediate(); // requests come in bunches: let them gather, and their answers share a write
    for (let file = this.#wanted.shift(); file !== undefined && !this.#stopped; file = this.#wanted.shift()) {
      await this.#sendFile(file);
    }
  }

  async #sendFile(file: AnnouncedFile): Promise<void> {
    try {
      const content = this.#tree.read(file.path, file.sizeBytes);
      if (content === undefined) this.#options.onVanished?.(file.path);
      for await (const data of piecesOf(content)) {
        await this.#stream.send(encodePacket({ kind: "data", id: file.id, data }));
      }
    } catch (cause) {
      if (cause instanceof ClientError || this.#stopped) throw cause;
      throw new ClientError("unreadable-input", `can't read ${JSON.stringify(file.path)}: ${messageOf(cause)}`, {
        cause,
      });
    }
    await this.#stream.send(encodePacket({ kind: "data", id: file.id, data: new Uint8Array() }));
  }
}

function piecesOf(content: SyncContent | undefined): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (content === undefined || (content instanceof Uint8Array && content.length === 0)) return [];
  if (!(content instanceof Uint8Array)) return content;
  if (content.length <= PIECE_BYTES) return [content];
  return inPieces(content);
}

function* inPieces(content: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < content.length; at += PIECE_BYTES) yield content.subarray(at, at + PIECE_BYTES);
}
