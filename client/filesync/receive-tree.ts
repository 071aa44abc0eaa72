/**
 * The receiving end of fsutil's transfer protocol, into a staged directory: every file of the listing is asked for.
 * Source: tonistiigi/fsutil v0.0.0-20260819142231: receive.go. Difference: the export is moved to its place before the
 * transfer is acknowledged, so that the daemon still hears of a failure to do so.
 */
import type { FileHandle } from "node:fs/promises";
import { ClientError, messageOf } from "../client-error.ts";
import { entryValidator } from "./entry-validator.ts";
import { isRegular } from "./go-file-mode.ts";
import { decodePacket, encodePacket, type PacketStat } from "./packet.ts";
import type { PacketStream } from "./send-tree.ts";
import type { StagedDirectory } from "./staged-directory.ts";

/** A file is held in memory until it is complete, up to this size; larger ones are written as they come. */
const HELD_BYTES = 256 * 1024;

interface IncomingFile {
  readonly stat: PacketStat;
  held: Uint8Array[];
  heldBytes: number;
  file: FileHandle | undefined;
}

interface Transfer {
  readonly stream: PacketStream;
  readonly messages: AsyncIterator<Uint8Array>;
  readonly directory: StagedDirectory;
  /** Files that were asked for and haven't come whole, by the number that the listing gives them. */
  readonly incoming: Map<number, IncomingFile>;
}

/**
 * Resolves when all is in its place. Throws `ClientError` "sync-protocol", "sync-peer-failed", "unsafe-path", "disk-full", "export-failed", or
 * the stream's error where it is cut off; the sender is told, and the staged directory discarded.
 */
export async function receiveTree(stream: PacketStream, directory: StagedDirectory): Promise<void> {
  const messages = stream.requests[Symbol.asyncIterator]();
  const transfer: Transfer = { stream, messages, directory, incoming: new Map() };
  try {
    await receive(transfer);
  } catch (error) {
    for (const { file } of transfer.incoming.values()) await file?.close().catch(() => undefined); // about to be removed
    directory.discard();
    // A sender that failed knows, and waits for us to end.
    if (!(error instanceof ClientError && error.code === "sync-peer-failed")) await tell(transfer, error);
    throw error;
  }
}

async function tell({ stream, messages }: Transfer, error: unknown): Promise<void> {
  try {
    await stream.send(encodePacket({ kind: "error", message: messageOf(error) }));
    // A sender that finds the stream ended while it still writes would report just that instead of the reason.
    while ((await messages.next()).done !== true);
  } catch {
    // The stream is gone, and with it whoever could have been told.
  }
}

async function receive(transfer: Transfer): Promise<void> {
  const { stream, messages, directory, incoming } = transfer;
  const validator = entryValidator();
  let nextId = 0;
  let listed = false;
  let finished = false;
  for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
    if (finished) continue; // the sender's own "finish", then its end of the stream
    const packet = decodePacket(next.value);
    if (packet.kind === "error") throw new ClientError("sync-peer-failed", `error from sender: ${packet.message}`);
    if (packet.kind === "stat" && packet.stat === undefined) listed = true;
    else if (packet.kind === "stat" && packet.stat !== undefined) {
      validator.check(packet.stat);
      await accept(transfer, nextId++, packet.stat);
    } else if (packet.kind === "data") await store(transfer, packet.id, packet.data);
    if (listed && incoming.size === 0) {
      directory.commit();
      finished = true;
      await stream.send(encodePacket({ kind: "finish" }));
    }
  }
  if (!finished)
    throw new ClientError("sync-protocol", "the sender closed the stream before the transfer was finished");
}

async function accept({ stream, directory, incoming }: Transfer, id: number, stat: PacketStat): Promise<void> {
  if (!isRegular(stat.mode) || stat.link !== "") return directory.add(stat);
  incoming.set(id, { stat, held: [], heldBytes: 0, file: undefined });
  await stream.send(encodePacket({ kind: "request", id }));
}

async function store({ directory, incoming }: Transfer, id: number, data: Uint8Array): Promise<void> {
  const entry = incoming.get(id);
  if (entry === undefined) throw new ClientError("sync-protocol", `data for the file ${id}, which was not asked for`);
  if (data.length === 0) {
    if (entry.file === undefined) directory.writeFile(entry.stat, entry.held);
    else {
      await directory.append(entry.file, entry.held);
      await directory.finishFile(entry.stat, entry.file);
    }
    incoming.delete(id);
    return;
  }
  entry.held.push(data);
  entry.heldBytes += data.length;
  if (entry.heldBytes <= HELD_BYTES) return;
  entry.file ??= await directory.createFile(entry.stat);
  await directory.append(entry.file, entry.held);
  entry.held = [];
  entry.heldBytes = 0;
}
