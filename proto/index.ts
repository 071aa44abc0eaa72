/**
 * BuildKit's wire contracts as of moby/buildkit v0.33.0, one namespace a contract, generated from the `.proto` files beside this one.
 *
 *     pb.Op.encode({ source: { identifier: "docker-image://…" } })      → Uint8Array, with deterministic bytes
 *     const op: pb.Op = pb.Op.decode(bytes)                             → a plain object, every scalar, list and map present
 *     control.Control.solve                                             → a `Method` for `client/rpc`
 *
 * The namespace of Go's package `pb` (ops, `Definition`, `Platform`, `Range`) is `pb`. Property names are protobufjs' camel case of
 * the names in the `.proto` files (`ignore_cache` is `ignoreCache`; `ID` and `TmpfsOpt` stay as they are). Members of a oneof are
 * separate optional properties. Of enums, numbers of a newer BuildKit pass through although the types don't list them.
 *
 * 64-bit integers never lose precision: they are `bigint` (`fsutil.Stat.modTime`), or, where the contract counts something that
 * stays below 2^53 (indexes, sizes in bytes: `jstype = JS_NUMBER` in the `.proto`), a `number` which is checked. Either may be given.
 */

export * as any from "./generated/any.ts";
export * as auth from "./generated/auth.ts";
export * as caps from "./generated/caps.ts";
export * as content from "./generated/content.ts";
export * as control from "./generated/control.ts";
export * as errdefs from "./generated/errdefs.ts";
export * as exporter from "./generated/exporter.ts";
export * as filesync from "./generated/filesync.ts";
export * as fsutil from "./generated/fsutil.ts";
export * as gateway from "./generated/gateway.ts";
export * as health from "./generated/health.ts";
export * as pb from "./generated/ops.ts";
export * as policysession from "./generated/policysession.ts";
export * as secrets from "./generated/secrets.ts";
export * as sourcepolicy from "./generated/sourcepolicy.ts";
export * as sshforward from "./generated/sshforward.ts";
export * as stack from "./generated/stack.ts";
export * as status from "./generated/status.ts";
export * as timestamp from "./generated/timestamp.ts";
export * as upload from "./generated/upload.ts";
export * as worker from "./generated/worker.ts";
export type { Init, MessageType } from "./message.ts";
export { type EnumNames, toProtoJson } from "./proto-json.ts";
export type { Method, MethodKind } from "./service.ts";
