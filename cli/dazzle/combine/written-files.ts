/** What each chunk writes, listed by the engine in the chunk's own tree; the engine remembers the answer. */
import type { Gateway } from "../../../client/index.ts";
import {
  bindMount,
  definitionToProto,
  image,
  linux,
  marshal,
  type Output,
  type Platform,
  State,
} from "../../../llb/index.ts";
import type { WrittenFiles } from "../../../mzbuild/index.ts";
import { runnerTree } from "../test/runner-tree.ts";
import { chunkTree, type TreeSource } from "./combination-tree.ts";

export interface ListRequest {
  readonly gateway: Gateway;
  readonly builtOn: string;
  readonly platform: Platform;
  /** Go's name of the architecture on which the engine runs programs without emulation. */
  readonly hostArchitecture: string;
  /** Whether the engine knows diffs of trees; where it doesn't, whole images are listed. */
  readonly canDiff: boolean;
  readonly signal: AbortSignal;
}

/** Messages of the daemon have a limit of 16 MiB. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Hashes by path. Throws `RpcError` where the daemon fails. */
export async function writtenFiles(request: ListRequest, source: TreeSource): Promise<WrittenFiles> {
  const { builtOn, platform, canDiff } = request;
  const { chunk, chunked, full } = source;
  if (chunked.manifest.layers.length === 0) return new Map();
  if (canDiff) return listed(request, chunk.name, chunkTree(source, builtOn, platform));
  // What the whole image has, and the base has not, or in another form.
  const [all, below] = await Promise.all(
    [full, builtOn].map((reference) =>
      listed(request, chunk.name, image(reference, { platform, name: `[${chunk.name}] FROM ${reference}` }).output),
    ),
  );
  return new Map([...(all ?? [])].filter(([path, hash]) => below?.get(path) !== hash));
}

async function listed(
  { gateway, hostArchitecture, signal }: ListRequest,
  name: string,
  tree: Output | undefined,
): Promise<WrittenFiles> {
  const runner = runnerTree(hostArchitecture) ?? runnerTree("amd64");
  if (tree === undefined) return new Map();
  const ran = new State(runner, { platform: linux(hostArchitecture) }).run(
    ["/runner", "--list", "/chunk", "/out/list"],
    {
      name: `[${name}] list its files`,
      network: "none",
      mounts: [bindMount("/chunk", new State(tree)), bindMount("/out", new State(undefined), { writable: true })],
    },
  );
  const definition = definitionToProto(marshal(ran.mount("/out").output));
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
