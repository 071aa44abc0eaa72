/** Reads fields of messages: https://protobuf.dev/programming-guides/encoding/. Whatever doesn't fit its table is skipped or refused. */

import type protobuf from "protobufjs/minimal.js";
import { codecOf, defaultOf, type Field, lengthDelimited, type Plain, varint, wireTypeOf } from "./field.ts";

/** How many messages may be nested in one another before the decoder gives up, as protobuf implementations commonly have it. */
export const maxDepth = 100;

/** A message of which nothing has been read yet. */
export function defaults(fields: readonly Field[]): Plain {
  const result: Plain = {};
  for (const [, name, type, label] of fields) {
    if (label === "repeated") result[name] = [];
    else if (label === "map" || label === "map<int64>") result[name] = {};
    else if (label !== "oneof" && typeof type === "string") result[name] = defaultOf(type);
  }
  return result;
}

/** Reads one occurrence of a field into `target`; false if its wire type isn't the field's, and it has to be skipped. */
export function readField(
  reader: protobuf.Reader,
  field: Field,
  wireType: number,
  target: Plain,
  depth: number,
): boolean {
  const [, name, type, label] = field;
  const expected = wireTypeOf(type);
  if (label === "map" || label === "map<int64>") {
    if (wireType !== lengthDelimited) return false;
    readEntry(reader, type, label, target[name] as Plain, depth);
    return true;
  }
  if (label === "repeated") {
    const list = target[name] as unknown[];
    if (wireType === lengthDelimited && expected === varint) {
      const end = endOf(reader);
      while (reader.pos < end) list.push(readValue(reader, type, depth));
      if (reader.pos !== end) throw new RangeError("a packed field is cut off");
      return true;
    }
    if (wireType !== expected) return false;
    list.push(readValue(reader, type, depth));
    return true;
  }
  if (wireType !== expected) return false;
  target[name] = readValue(reader, type, depth);
  return true;
}

function readEntry(
  reader: protobuf.Reader,
  type: Field[2],
  label: "map" | "map<int64>",
  map: Plain,
  depth: number,
): void {
  const end = endOf(reader);
  let key = label === "map" ? "" : "0";
  let value = typeof type === "string" ? defaultOf(type) : undefined;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === ((1 << 3) | (label === "map" ? lengthDelimited : varint))) {
      key = String(readValue(reader, label === "map" ? "string" : "int64", depth));
    } else if (tag === ((2 << 3) | wireTypeOf(type))) {
      value = readValue(reader, type, depth);
    } else {
      reader.skipType(tag & 7);
    }
  }
  if (reader.pos !== end) throw new RangeError("a map entry is cut off");
  if (value === undefined && typeof type !== "string") value = codecOf(type).read(reader, reader.pos, depth + 1);
  // Not an assignment: a key "__proto__" from the peer must not reach the prototype.
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}

function endOf(reader: protobuf.Reader): number {
  const length = reader.uint32();
  if (length > reader.len - reader.pos) throw new RangeError("a field is longer than its message");
  return reader.pos + length;
}

function readValue(reader: protobuf.Reader, type: Field[2], depth: number): unknown {
  if (typeof type !== "string") {
    const end = endOf(reader);
    return codecOf(type).read(reader, end, depth + 1);
  }
  switch (type) {
    case "string":
      return reader.string();
    case "bytes":
      return reader.bytes();
    case "bool":
      return reader.bool();
    case "uint32":
      return reader.uint32();
    case "int32":
    case "enum":
      return reader.int32();
    default:
      return readInt64(reader, type);
  }
}

function readInt64(
  reader: protobuf.Reader,
  type: "int64" | "uint64" | "int64:number" | "uint64:number",
): bigint | number {
  const unsigned = type.startsWith("u");
  const long = unsigned ? reader.uint64() : reader.int64();
  if (typeof long === "number") throw new Error("protobufjs was loaded without its Long");
  const value = (BigInt(unsigned ? long.high >>> 0 : long.high) << 32n) | BigInt(long.low >>> 0);
  if (!type.endsWith(":number")) return value;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} does not fit in a number`);
  return number;
}
