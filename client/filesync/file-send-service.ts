/**
 * The session service to which the daemon sends exports: `moby.filesync.v1.FileSend`.
 * Source: moby/buildkit v0.33.0: session/filesync/filesync.go (SyncTarget.DiffCopy, chooser), diffcopy.go.
 */
import { filesync } from "../../proto/index.ts";
import { ClientError } from "../client-error.ts";
import type { MessageType, Metadata } from "../rpc/method.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { duplexCall, type RpcHandler, type ServerCall } from "../rpc/server.ts";
import { toRpcError } from "./export-error.ts";
import type { ExportSink } from "./export-sink.ts";
import { receiveTree } from "./receive-tree.ts";
import { StagedDirectory } from "./staged-directory.ts";

export type ExportTarget =
  /** BuildKit's `local` exporter. `deleteExtraneous` is its `mode=delete`. */
  | { readonly kind: "directory"; readonly path: string; readonly deleteExtraneous: boolean }
  /** The `tar`, `oci` and `docker` exporters. `metadata` is what the exporter says of its output. */
  | { readonly kind: "stream"; readonly open: (metadata: ReadonlyMap<string, string>) => Promise<ExportSink> };

export interface FileSendOptions {
  /** Told of the error that made an export fail here; the build itself ends with the daemon's repetition of its message. */
  readonly onFailure?: ((exporterId: number, error: unknown) => void) | undefined;
}

const METADATA_PREFIX = "exporter-md-";
const EXPORTER_ID = "buildkit-attachable-exporter-id";
const MULTI_PLATFORM = "buildkit-exporter-multi-platform";
/** The daemon writes in pieces as small as 4 KiB. */
const WRITE_BYTES = 256 * 1024;

/** Directories get fsutil packets on this method, files `BytesMessage`: neither is decoded before the target is known. */
const encodedMessage: MessageType<Uint8Array> = {
  typeName: filesync.FileSend.diffCopy.request.typeName,
  encode: (bytes) => bytes,
  decode: (bytes) => bytes,
};

/** Receives exports. Keys are the indexes of the exporters in the solve request. */
export function fileSendService(
  targets: ReadonlyMap<number, ExportTarget>,
  options: FileSendOptions = {},
): readonly RpcHandler[] {
  const diffCopy = { ...filesync.FileSend.diffCopy, request: encodedMessage, response: encodedMessage };
  return [
    duplexCall(diffCopy, async (call) => {
      const id = exporterId(call.metadata);
      try {
        const target = targets.get(id);
        if (target === undefined) throw new RpcError("UNKNOWN", `exporter ${id} not found`);
        if (target.kind === "directory") await receiveDirectory(call, target.path, target.deleteExtraneous);
        else await receiveStream(call, await target.open(exporterMetadata(call.metadata)));
      } catch (error) {
        // A call that is cut off fails in whatever was being done; that is no failure of ours. One of ours stays ours, though the
        // daemon, told of it, may have cut the call off by now.
        if (!isOurs(error)) call.signal.throwIfAborted();
        options.onFailure?.(id, error);
        throw toRpcError(error);
      }
    }),
  ];
}

function isOurs(error: unknown): boolean {
  return error instanceof ClientError && ["disk-full", "export-failed", "unsafe-path"].includes(error.code);
}

async function receiveDirectory(
  call: ServerCall<Uint8Array, Uint8Array>,
  path: string,
  deleteExtraneous: boolean,
): Promise<void> {
  if (deleteExtraneous && call.metadata.get(MULTI_PLATFORM)?.includes("1") !== true) {
    // An older daemon sends each platform by itself, and each would delete the others.
    throw new ClientError("export-failed", "mode=delete needs a newer BuildKit daemon", {
      hint: "leave mode=delete out, or remove the directory first",
    });
  }
  await receiveTree(call, StagedDirectory.open(path, { deleteExtraneous }));
}

async function receiveStream(call: ServerCall<Uint8Array, Uint8Array>, sink: ExportSink): Promise<void> {
  try {
    let held: Uint8Array[] = [];
    let heldBytes = 0;
    for await (const message of call.requests) {
      const { data } = filesync.BytesMessage.decode(message);
      held.push(data);
      heldBytes += data.length;
      if (heldBytes < WRITE_BYTES) continue;
      await sink.write(Buffer.concat(held));
      held = [];
      heldBytes = 0;
    }
    call.signal.throwIfAborted();
    if (heldBytes > 0) await sink.write(Buffer.concat(held));
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

function exporterId(metadata: Metadata): number {
  const id = Number(metadata.get(EXPORTER_ID)?.[0] ?? "0");
  return Number.isSafeInteger(id) ? id : 0;
}

function exporterMetadata(metadata: Metadata): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const [key, values] of metadata) {
    if (key.startsWith(METADATA_PREFIX)) result.set(key.slice(METADATA_PREFIX.length), values.join(","));
  }
  return result;
}
