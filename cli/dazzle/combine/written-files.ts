/** What each chunk writes, listed by the engine in the chunk's own tree; the engine remembers the answer. */
import type { Gateway } from "../../../client/index.ts";
import { bindMount, definitionToProto, linux, marshal, type Platform, State } from "../../../llb/index.ts";
import type { WrittenFiles } from "../../../mzbuild/index.ts";
import { runnerTree } from "../test/runner-tree.ts";
import { chunkTree, type TreeSource } from "./combination-tree.ts";

export interface ListRequest {
  readonly gateway: Gateway;
  readonly builtOn: string;
  readonly platform: Platform;
  /** Go's name of the architecture on which the engine runs programs without emulation. */
  readonly hostArchitecture: string;
  readonly signal: AbortSignal;
}

/** Messages of the daemon have a limit of 16 MiB. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Hashes by path. Throws `RpcError` where the daemon fails. */
export async function writtenFiles(
  { gateway, builtOn, platform, hostArchitecture, signal }: ListRequest,
  source: TreeSource,
): Promise<WrittenFiles> {
  const tree = chunkTree(source, builtOn, platform);
  const runner = runnerTree(hostArchitecture) ?? runnerTree("amd64");
  if (tree === undefined || source.chunked.manifest.layers.length === 0) return new Map();
  const listed = new State(runner, { platform: linux(hostArchitecture) }).run(
    ["/runner", "--list", "/chunk", "/out/list"],
    {
      name: `[${source.chunk.name}] list its files`,
      network: "none",
      mounts: [bindMount("/chunk", new State(tree)), bindMount("/out", new State(undefined), { writable: true })],
    },
  );
  const definition = definitionToProto(marshal(listed.mount("/out").output));
  const { ref } = await gateway.solve({ Definition: definition }, { signal });
  const pieces: Uint8Array[] = [];
  for (let offset = 0, size = PIECE_BYTES; size === PIECE_BYTES; offset += size) {
    const file = { ref: ref?.id ?? "", path: "/list", offsetBytes: offset, lengthBytes: PIECE_BYTES };
    const piece = await gateway.readFile(file, { signal });
    pieces.push(piece);
    size = piece.length;
  }
  const entries = Buffer.concat(pieces).toString("utf8").split("\0");
  return new Map(entries.filter((entry) => entry !== "").map((entry) => [entry.slice(17), entry.slice(0, 16)]));
}
