/**
 * The typed details of BuildKit's errors. They are JSON as Go's encoding/json writes it, in `google.protobuf.Any`, whatever the
 * `.proto` files let one expect. Source: moby/buildkit v0.33.0: util/grpcerrors/grpcerrors.go, solver/errdefs, frontend/gateway/pb/exit.go.
 */

import type { Init, pb } from "../../proto/index.ts";
import type { RpcErrorDetail } from "../rpc/rpc-error.ts";

/** A file that the error is about, and where in it. Lines count from 1, characters from 0. */
export interface ErrorSource {
  readonly filename: string;
  readonly language: string;
  /** The whole text of the file. */
  readonly text: string;
  readonly ranges: readonly SourceSpan[];
}

export interface SourceSpan {
  readonly start: pb.Position;
  readonly end: pb.Position;
}

/** One detail, as far as it means something to a client; Go's stack traces and the like are left out. */
export type ErrorDetail =
  | { readonly kind: "vertex"; readonly digest: string }
  | { readonly kind: "source"; readonly source: ErrorSource }
  | { readonly kind: "exit"; readonly code: number }
  /** What a failed step worked on: ids of results, which `Gateway.newContainer` can mount. */
  | { readonly kind: "solve"; readonly inputIds: readonly string[]; readonly mountIds: readonly string[] }
  | { readonly kind: "frontend"; readonly name: string; readonly source: string }
  | { readonly kind: "subrequest"; readonly name: string };

const TYPE_PREFIX = "github.com/moby/buildkit/";

/** Decodes details in their order; ones that aren't understood are left out. */
export function errorDetails(details: readonly RpcErrorDetail[]): ErrorDetail[] {
  return details.flatMap((detail) => {
    const type = detail.typeUrl.startsWith(TYPE_PREFIX) ? detail.typeUrl.slice(TYPE_PREFIX.length) : "";
    const decoded = decodeDetail(type, parseJson(detail.value));
    return decoded === undefined ? [] : [decoded];
  });
}

function decodeDetail(type: string, value: Json): ErrorDetail | undefined {
  switch (type) {
    case "errdefs.Vertex+json":
      return { kind: "vertex", digest: text(value, "digest") };
    case "errdefs.Source+json":
      return { kind: "source", source: decodeSource(value) };
    case "gatewayapi.ExitMessage+json":
      return { kind: "exit", code: number(value, "Code") };
    case "errdefs.Solve+json":
      return { kind: "solve", inputIds: texts(value, "inputIDs"), mountIds: texts(value, "mountIDs") };
    case "errdefs.Frontend+json":
      return { kind: "frontend", name: text(value, "name"), source: text(value, "source") };
    case "errdefs.Subrequest+json":
      return { kind: "subrequest", name: text(value, "name") };
    default:
      return undefined;
  }
}

function decodeSource(value: Json): ErrorSource {
  const info = property(value, "info");
  const position = (of: Json) => ({ line: number(of, "line"), character: number(of, "character") });
  return {
    filename: text(info, "filename"),
    language: text(info, "language"),
    text: Buffer.from(text(info, "data"), "base64").toString("utf8"),
    ranges: list(value, "ranges").map((range) => ({
      start: position(property(range, "start")),
      end: position(property(range, "end")),
    })),
  };
}

/** The detail by which a frontend tells which lines its error is about; `docker build` shows them framed. */
export function sourceDetail(info: Init<pb.SourceInfo>, ranges: readonly SourceSpan[]): RpcErrorDetail {
  const data = Buffer.from(info.data ?? []).toString("base64");
  const definition = info.definition == null ? undefined : definitionJson(info.definition);
  const value = { info: { filename: info.filename, data, definition, language: info.language }, ranges };
  return { typeUrl: `${TYPE_PREFIX}errdefs.Source+json`, value: Buffer.from(JSON.stringify(value)) };
}

/** As Go's JSON has it; of metadata, what that of a source can be. */
function definitionJson({ def = [], metadata = {} }: Init<pb.Definition>): unknown {
  const entries = Object.entries(metadata).map(([digest, of]) => [
    digest,
    { description: of?.description, caps: of?.caps },
  ]);
  return { def: def.map((op) => Buffer.from(op).toString("base64")), metadata: Object.fromEntries(entries) };
}

/** The detail by which a frontend says that it doesn't know a sub-request. */
export function subrequestDetail(name: string): RpcErrorDetail {
  return { typeUrl: `${TYPE_PREFIX}errdefs.Subrequest+json`, value: Buffer.from(JSON.stringify({ name })) };
}

// Values from outside: whatever isn't there or isn't of its type is as absent, as Go's decoder has it.

type Json = unknown;

function parseJson(bytes: Uint8Array): Json {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    // A detail that can't be read must not hide the error it belongs to.
    return undefined;
  }
}

function property(value: Json, name: string): Json {
  return typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function text(value: Json, name: string): string {
  const found = property(value, name);
  return typeof found === "string" ? found : "";
}

function number(value: Json, name: string): number {
  const found = property(value, name);
  return typeof found === "number" ? found : 0;
}

function list(value: Json, name: string): readonly Json[] {
  const found = property(value, name);
  return Array.isArray(found) ? found : [];
}

function texts(value: Json, name: string): string[] {
  return list(value, name).filter((item) => typeof item === "string");
}
