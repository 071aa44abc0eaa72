/**
 * The session service that offers and takes blobs: `containerd.services.content.v1.Content`. Named contexts
 * "oci-layout://NAME@DIGEST" are read from it, local caches read and written, directory exports of images written.
 * Source: moby/buildkit v0.33.0: session/content/attachable.go; containerd v2.3.4: contentserver.go.
 */
import { content } from "../../proto/index.ts";
import type { Metadata } from "../rpc/method.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { duplexCall, type RpcHandler, type ServerCall, unary } from "../rpc/server.ts";
import { BlobWriter, readBlob, statBlob } from "./blob-store.ts";

/** The directory of an OCI layout; it is created when something is written to it. */
export interface ContentStore {
  readonly path: string;
  readonly writable: boolean;
}

export interface ContentOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const STORE_ID = "buildkit-attachable-store-id";
const { STAT, COMMIT } = content.WriteAction;

/** The store id under which BuildKit looks for the layout of the named context `oci-layout://name`. */
export function layoutStoreId(name: string): string {
  return `oci:${name}`;
}

/** The store id of a cache with `type=local`, by its `src` or `dest` as given. */
export function localCacheStoreId(path: string): string {
  return `local:${path}`;
}

/** The store id that receives an `oci` or `docker` export with `tar=false`. */
export const EXPORT_STORE_ID = "export";

/** The handlers of a session that offer `stores` by the ids under which the daemon asks for them; the map may grow meanwhile. */
export function contentService(
  stores: ReadonlyMap<string, ContentStore>,
  options: ContentOptions,
): readonly RpcHandler[] {
  return [
    unary(content.Content.info, async ({ digest }, { metadata }) => {
      const found = await existing(choose(stores, metadata).path, digest);
      const at = timestamp(found.modifiedMs);
      return { info: { digest, size: found.sizeBytes, createdAt: at, updatedAt: at } };
    }),
    duplexCall(content.Content.read, async (call) => {
      const store = choose(stores, call.metadata);
      for await (const request of call.requests) return answerRead(store.path, request, call);
    }),
    duplexCall(content.Content.write, async (call) => {
      const store = choose(stores, call.metadata);
      if (!store.writable) throw new RpcError("PERMISSION_DENIED", "this content store is read-only");
      const writer = await BlobWriter.open(store.path, options.now());
      const committed = await answerWrites(store.path, writer, call, options).catch(async (error: unknown) => {
        await writer.abort();
        throw RpcError.from(error);
      });
      if (!committed) await writer.abort();
    }),
    // A write is given up by ending its stream; nothing is kept of it that could be aborted later.
    unary(content.Content.abort, () => ({})),
  ];
}

async function answerRead(
  path: string,
  request: content.ReadContentRequest,
  call: ServerCall<content.ReadContentRequest, content.ReadContentResponse>,
): Promise<void> {
  const { sizeBytes } = await existing(path, request.digest);
  const start = Math.max(0, request.offset);
  if (start > sizeBytes) throw new RpcError("OUT_OF_RANGE", `read past object length ${sizeBytes} bytes`);
  const rest = sizeBytes - start;
  const length = request.size <= 0 ? rest : Math.min(request.size, rest);
  let offset = 0; // counts from the start of the answer, as containerd has it
  for await (const data of readBlob(path, request.digest, start, length)) {
    await call.send({ offset, data });
    offset += data.length;
  }
}

/** Returns whether the blob was committed. */
async function answerWrites(
  path: string,
  writer: BlobWriter,
  call: ServerCall<content.WriteContentRequest, content.WriteContentResponse>,
  options: ContentOptions,
): Promise<boolean> {
  let expected = "";
  let total = 0;
  for await (const request of call.requests) {
    expected = request.expected || expected;
    total = request.total > 0 ? request.total : total;
    if (request.expected !== "" && (await statBlob(path, request.expected)) !== undefined) {
      throw new RpcError("ALREADY_EXISTS", `blob with expected digest ${request.expected} exists`);
    }
    if (request.action !== STAT) await applyWrite(writer, request);
    const committing = request.action === COMMIT;
    if (committing) await writer.commit(total, expected);
    const times = { startedAt: timestamp(writer.startedMs), updatedAt: timestamp(options.now()) };
    await call.send({ action: request.action, offset: writer.writtenBytes, total, digest: writer.digest, ...times });
    if (committing) return true;
  }
  return false;
}

async function applyWrite(writer: BlobWriter, request: content.WriteContentRequest): Promise<void> {
  if (request.offset > 0 && request.offset !== writer.writtenBytes) {
    throw new RpcError("OUT_OF_RANGE", `write @${request.offset} must occur at current offset ${writer.writtenBytes}`);
  }
  if (request.offset === 0 && writer.writtenBytes > 0) await writer.restart();
  if (request.data.length > 0) await writer.write(request.data);
}

function choose(stores: ReadonlyMap<string, ContentStore>, metadata: Metadata): ContentStore {
  const id = metadata.get(STORE_ID)?.[0];
  if (id === undefined) throw new RpcError("INVALID_ARGUMENT", `request lacks metadata "${STORE_ID}"`);
  const store = stores.get(id);
  if (store === undefined) throw new RpcError("NOT_FOUND", `unknown store ${id}`);
  return store;
}

async function existing(path: string, digest: string) {
  const found = await statBlob(path, digest);
  if (found === undefined) throw new RpcError("NOT_FOUND", `content ${digest}: not found`);
  return found;
}

function timestamp(ms: number): { readonly seconds: bigint; readonly nanos: number } {
  const whole = Math.floor(ms);
  const seconds = Math.floor(whole / 1000);
  return { seconds: BigInt(seconds), nanos: (whole - seconds * 1000) * 1_000_000 };
}
