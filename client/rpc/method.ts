/**
 * The vocabulary of `client/rpc`: methods (generated with the contracts in `proto/`), metadata, call options.
 * gRPC over HTTP/2 as https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md has it, over any duplex stream.
 */

export type { Init, MessageType, Method, MethodKind } from "../../proto/index.ts";

/** Metadata to send: a name in lower case, with one value or several. Values are printable ASCII, or base64 where the name ends in `-bin`. */
export type OutgoingMetadata = Readonly<Record<string, string | readonly string[]>>;

/** Received metadata: names in lower case, each with its values in the order of their arrival. Never has an empty list. */
export type Metadata = ReadonlyMap<string, readonly string[]>;

/** What any call may be given. */
export interface CallOptions {
  readonly metadata?: OutgoingMetadata | undefined;
  /** After this time the call fails with `DEADLINE_EXCEEDED`, on both sides. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Aborting ends the call with `CANCELLED` and tells the other side. */
  readonly signal?: AbortSignal | undefined;
}
