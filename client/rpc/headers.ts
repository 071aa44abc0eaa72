/** gRPC's metadata and status as HTTP/2 headers and trailers. Source: PROTOCOL-HTTP2.md of grpc/grpc. */

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { status } from "../../proto/index.ts";
import type { Metadata } from "./method.ts";
import { codeName, RpcCode, RpcError } from "./rpc-error.ts";

/** Metadata from Node's flat list of names and values, the only form in which it doesn't join repeated headers. */
export function fromRawHeaders(rawHeaders: readonly string[]): Metadata {
  const metadata = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    if (name.startsWith(":")) continue;
    const values = metadata.get(name);
    if (values === undefined) metadata.set(name, [value]);
    else values.push(value);
  }
  return metadata;
}

/** The trailers that end a call; without an error, its success. */
export function statusTrailers(error: RpcError | undefined): OutgoingHttpHeaders {
  if (error === undefined) return { "grpc-status": "0" };
  const code = RpcCode[error.code];
  const trailers: OutgoingHttpHeaders = { "grpc-status": String(code), "grpc-message": percentEncode(error.message) };
  if (error.details.length > 0) {
    const encoded = status.Status.encode({ code, message: error.message, details: error.details });
    trailers["grpc-status-details-bin"] = Buffer.from(encoded).toString("base64").replace(/=+$/, "");
  }
  return trailers;
}

/** The status that trailers (or headers, where a call has nothing else) tell; undefined for success. */
export function statusOf(headers: IncomingHttpHeaders): RpcError | undefined {
  const code = codeName(Number(headers["grpc-status"]));
  if (code === "OK") return undefined;
  const message = percentDecode(single(headers["grpc-message"]) ?? "");
  const encoded = single(headers["grpc-status-details-bin"]);
  if (encoded === undefined) return new RpcError(code, message);
  try {
    const { details } = status.Status.decode(Buffer.from(encoded, "base64"));
    return new RpcError(code, message, { details });
  } catch (cause) {
    // Details are an addition: garbled ones must not hide the status itself.
    return new RpcError(code, message, { cause });
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** "%" and all that isn't printable ASCII becomes the %XX of its UTF-8 bytes. */
function percentEncode(text: string): string {
  return text.replace(/[^ -$&-~]+/gu, (run) =>
    [...Buffer.from(run)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

/** The inverse; what is no valid escape stays as it is, as the specification asks. */
function percentDecode(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));
}
