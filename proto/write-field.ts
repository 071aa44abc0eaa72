/** Writes fields of messages: https://protobuf.dev/programming-guides/encoding/, in Go's deterministic order. */

import protobuf from "protobufjs/minimal.js";
import { codecOf, type Field, lengthDelimited, type Plain, wireTypeOf } from "./field.ts";

// The casts of property values below are the inverse of those in `message`: the table says what the generated interface says.

/** Writes a field that is there; default values are left out as proto3 has it. */
export function writeField(writer: protobuf.Writer, field: Field, value: unknown): void {
  const [number, , type, label] = field;
  switch (label) {
    case undefined:
      if (!isDefault(type, value)) writeTagged(writer, number, type, value);
      return;
    case "oneof":
      writeTagged(writer, number, type, value);
      return;
    case "repeated":
      writeRepeated(writer, number, type, value as readonly unknown[]);
      return;
    default:
      writeMap(writer, field, value as Plain);
  }
}

function isDefault(type: Field[2], value: unknown): boolean {
  if (typeof type !== "string") return false;
  if (type === "bytes") return (value as Uint8Array).length === 0;
  return value === "" || value === 0 || value === false || value === 0n;
}

function writeRepeated(writer: protobuf.Writer, number: number, type: Field[2], values: readonly unknown[]): void {
  if (wireTypeOf(type) === lengthDelimited) {
    for (const value of values) writeTagged(writer, number, type, value);
    return;
  }
  if (values.length === 0) return;
  writer.uint32((number << 3) | lengthDelimited).fork();
  for (const value of values) writeValue(writer, type, value);
  writer.ldelim();
}

function writeMap(writer: protobuf.Writer, [number, , type, label]: Field, map: Plain): void {
  const keyType = label === "map<int64>" ? "int64" : "string";
  for (const key of Object.keys(map).sort(keyType === "int64" ? compareNumerically : compareBytewise)) {
    const value = map[key];
    if (value === undefined) continue;
    writer.uint32((number << 3) | lengthDelimited).fork();
    // Go writes both parts of an entry even where they are defaults, and digests depend on it.
    writeTagged(writer, 1, keyType, keyType === "int64" ? BigInt(key) : key);
    writeTagged(writer, 2, type, value);
    writer.ldelim();
  }
}

/** The order of UTF-8 bytes, which differs from that of UTF-16 units for characters beyond the basic plane. */
function compareBytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function compareNumerically(a: string, b: string): number {
  return BigInt(a) < BigInt(b) ? -1 : 1;
}

function writeTagged(writer: protobuf.Writer, number: number, type: Field[2], value: unknown): void {
  writeValue(writer.uint32(((number << 3) | wireTypeOf(type)) >>> 0), type, value);
}

function writeValue(writer: protobuf.Writer, type: Field[2], value: unknown): void {
  if (typeof type !== "string") {
    codecOf(type)
      .write(value as Plain, writer.fork())
      .ldelim();
    return;
  }
  switch (type) {
    case "string":
      writer.string(value as string);
      return;
    case "bytes":
      writer.bytes(value as Uint8Array);
      return;
    case "bool":
      writer.bool(value as boolean);
      return;
    case "uint32":
      writer.uint32(inRange(value as number, 0, 0xffffffff));
      return;
    case "int32":
    case "enum":
      writer.int32(inRange(value as number, -0x80000000, 0x7fffffff));
      return;
    default:
      writeInt64(writer, type.startsWith("u"), value as bigint | number);
  }
}

function inRange(value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${value} is not in ${least}…${most}`);
  return value;
}

function writeInt64(writer: protobuf.Writer, unsigned: boolean, value: bigint | number): void {
  if (typeof value === "number") {
    inRange(value, unsigned ? 0 : Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    writer.int64(value);
    return;
  }
  const wrapped = unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  if (wrapped !== value) throw new RangeError(`${value} does not fit in 64 bits`);
  const bits = new protobuf.util.LongBits(Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)));
  writer.int64(bits.toLong(unsigned));
}
