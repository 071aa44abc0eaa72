/**
 * The session service from which the daemon pulls our directories: `moby.filesync.v1.FileSync`.
 * Source: moby/buildkit v0.33.0: session/filesync/filesync.go (fsSyncProvider.handle).
 */
import { filesync } from "../../proto/index.ts";
import type { MessageType } from "../rpc/method.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { duplexCall, type RpcHandler } from "../rpc/server.ts";
import { decodedValues } from "./request-metadata.ts";
import { requestedFilter } from "./requested-filter.ts";
import { sendTree } from "./send-tree.ts";
import type { SyncTree } from "./sync-tree.ts";

export interface FileSyncOptions {
  /** A file of directory `name` was listed but is gone; the daemon gets it empty. */
  readonly onVanished?: ((name: string, path: string) => void) | undefined;
}

/** Packets as they come: `packet.ts` has the codec. */
const encodedPacket: MessageType<Uint8Array> = {
  typeName: filesync.FileSync.diffCopy.request.typeName,
  encode: (bytes) => bytes,
  decode: (bytes) => bytes,
};

/**
 * Offers directories to the daemon by the names of the build's local sources. Answers `NOT_FOUND` for any other name.
 * Owners are not sent: every file belongs to root.
 */
export function fileSyncService(
  directories: ReadonlyMap<string, SyncTree>,
  options: FileSyncOptions = {},
): readonly RpcHandler[] {
  const diffCopy = { ...filesync.FileSync.diffCopy, request: encodedPacket, response: encodedPacket };
  return [
    duplexCall(diffCopy, async (call) => {
      const name = decodedValues(call.metadata, "dir-name")[0] ?? "";
      const tree = directories.get(name);
      if (tree === undefined) throw new RpcError("NOT_FOUND", `no access allowed to dir ${JSON.stringify(name)}`);
      try {
        const filter = requestedFilter(tree, {
          include: decodedValues(call.metadata, "include-patterns"),
          exclude: decodedValues(call.metadata, "exclude-patterns"),
          follow: decodedValues(call.metadata, "followpaths"),
        });
        await sendTree(tree, call, { filter, onVanished: (path) => options.onVanished?.(name, path) });
      } catch (error) {
        throw RpcError.from(error);
      }
    }),
  ];
}
