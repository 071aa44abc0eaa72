/** gRPC methods as data: what the generated service tables are made of, and what `client/rpc` calls and serves. */

import type { MessageType } from "./message.ts";

/** How many messages travel in each direction: `serverStream` means one request and many responses. */
export type MethodKind = "unary" | "serverStream" | "clientStream" | "bidiStream";

/** One method of a service, with the types of its messages. */
export interface Method<Kind extends MethodKind, Request, Response> {
  readonly kind: Kind;
  /** The `:path` of its HTTP/2 requests, such as `/moby.buildkit.v1.Control/Solve`. */
  readonly path: string;
  readonly request: MessageType<Request>;
  readonly response: MessageType<Response>;
}

/** Describes a method; the generated tables call it. */
export function method<Kind extends MethodKind, Request, Response>(
  kind: Kind,
  path: string,
  request: MessageType<Request>,
  response: MessageType<Response>,
): Method<Kind, Request, Response> {
  return { kind, path, request, response };
}
