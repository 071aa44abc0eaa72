/**
 * The packets of fsutil's transfer protocol, to and from bytes. Written out by hand rather than through proto/'s tables
 * for two reasons: names that are not UTF-8 must pass (path-bytes.ts), and a tree of 100,000 files is as many packets.
 * Contract: proto/fsutil.proto (tonistiigi/fsutil v0.0.0-20260819142231: types/wire.proto, types/stat.proto).
 */
import protobuf from "protobufjs/minimal.js";
import { decodePath, encodePath, hasRawBytes } from "./path-bytes.ts";

export interface PacketStat {
  readonly path: string;
  /** Go's os.FileMode bits, see `go-file-mode.ts`. */
  readonly mode: number;
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  /** A symlink's target, or the path of the first name of a hard-linked file; empty for all else. */
  readonly link: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
}

export type Packet =
  /** One entry of the listing; undefined after the last. The n-th entry, counted from 0, has the id n. */
  | { readonly kind: "stat"; readonly stat: PacketStat | undefined }
  | { readonly kind: "request"; readonly id: number }
  /** A piece of a file; an empty one ends it. */
  | { readonly kind: "data"; readonly id: number; readonly data: Uint8Array }
  | { readonly kind: "finish" }
  | { readonly kind: "error"; readonly message: string };

const TYPE = { stat: 0, request: 1, data: 2, finish: 3, error: 4 } as const satisfies Record<Packet["kind"], number>;

export function encodePacket(packet: Packet): Uint8Array {
  const writer = protobuf.Writer.create();
  // proto3 leaves out what is zero, and so do we: the receiver's end marks are packets without these fields.
  if (TYPE[packet.kind] !== 0) writer.uint32(8).uint32(TYPE[packet.kind]);
  switch (packet.kind) {
    case "stat":
      if (packet.stat !== undefined) writeStat(writer.uint32(18).fork(), packet.stat).ldelim();
      break;
    case "request":
      if (packet.id !== 0) writer.uint32(24).uint32(packet.id);
      break;
    case "data":
      if (packet.id !== 0) writer.uint32(24).uint32(packet.id);
      if (packet.data.length > 0) writer.uint32(34).bytes(packet.data);
      break;
    case "finish":
      break;
    case "error":
      writer.uint32(34).bytes(Buffer.from(packet.message, "utf8"));
      break;
  }
  return writer.finish();
}

/** Throws `RangeError` or `Error` for bytes that are no packet. */
export function decodePacket(bytes: Uint8Array): Packet {
  const reader = protobuf.Reader.create(bytes);
  let type = 0;
  let id = 0;
  let stat: PacketStat | undefined;
  let data: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 8) type = reader.uint32();
    else if (tag === 18) stat = readStat(reader, reader.uint32());
    else if (tag === 24) id = reader.uint32();
    else if (tag === 34) data = reader.bytes();
    else reader.skipType(tag & 7);
  }
  switch (type) {
    case TYPE.stat:
      return { kind: "stat", stat };
    case TYPE.request:
      return { kind: "request", id };
    case TYPE.data:
      return { kind: "data", id, data };
    case TYPE.finish:
      return { kind: "finish" };
    case TYPE.error:
      return { kind: "error", message: Buffer.from(data).toString("utf8") };
    default:
      throw new RangeError(`unknown file-sync packet type ${type}`);
  }
}

/** uid and gid stay 0: what a client sends belongs to root (moby/buildkit v0.33.0: client/solve.go, resetUIDAndGID). */
function writeStat(writer: protobuf.Writer, stat: PacketStat): protobuf.Writer {
  writeText(writer.uint32(10), stat.path);
  if (stat.mode !== 0) writer.uint32(16).uint32(stat.mode);
  if (stat.sizeBytes !== 0) writeInt64(writer.uint32(40), BigInt(stat.sizeBytes));
  if (stat.mtimeNs !== 0n) writeInt64(writer.uint32(48), stat.mtimeNs);
  if (stat.link !== "") writeText(writer.uint32(58), stat.link);
  if (stat.deviceMajor !== 0) writer.uint32(64).uint32(stat.deviceMajor);
  if (stat.deviceMinor !== 0) writer.uint32(72).uint32(stat.deviceMinor);
  return writer;
}

function readStat(reader: protobuf.Reader, length: number): PacketStat {
  const end = reader.pos + length;
  const stat = { path: "", mode: 0, sizeBytes: 0, mtimeNs: 0n, link: "", deviceMajor: 0, deviceMinor: 0 };
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === 10) stat.path = decodePath(reader.bytes());
    else if (tag === 16) stat.mode = reader.uint32();
    else if (tag === 40) stat.sizeBytes = Number(readInt64(reader));
    else if (tag === 48) stat.mtimeNs = readInt64(reader);
    else if (tag === 58) stat.link = decodePath(reader.bytes());
    else if (tag === 64) stat.deviceMajor = Number(readInt64(reader));
    else if (tag === 72) stat.deviceMinor = Number(readInt64(reader));
    else reader.skipType(tag & 7);
  }
  return stat;
}

function writeText(writer: protobuf.Writer, text: string): void {
  if (hasRawBytes(text)) writer.bytes(encodePath(text));
  else writer.string(text);
}

/** A bigint goes through its two halves, for a float would lose nanoseconds. */
function writeInt64(writer: protobuf.Writer, value: bigint): void {
  const low = Number(BigInt.asUintN(32, value));
  const high = Number(BigInt.asUintN(32, value >> 32n));
  writer.int64(new protobuf.util.LongBits(low, high).toLong(false));
}

function readInt64(reader: protobuf.Reader): bigint {
  const long = reader.int64();
  if (typeof long === "number") return BigInt(long);
  return (BigInt(long.high) << 32n) | BigInt(long.low >>> 0);
}
