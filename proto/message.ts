/**
 * Encodes and decodes protobuf messages described by field tables, which `bin/generate-proto` writes from the `.proto` files.
 *
 * A table costs nothing until its message is first used, so importing the contracts is cheap: a frontend image pays for it on every
 * build. The wire format is proto3's (https://protobuf.dev/programming-guides/encoding/); bytes go through protobufjs' reader and writer.
 */

import protobuf from "protobufjs/minimal.js";

/** How one field looks on the wire: number, property name, type, and what is special about it. */
export type Field = readonly [
  number: number,
  name: string,
  type: ScalarType | MessageRef,
  label?: "repeated" | "oneof" | "map" | "map<int64>",
];

/** Any message type, for which the messages that contain it don't need to know more than that it has a codec. */
export type MessageRef = Pick<MessageType<never>, "typeName">;

/** `int64` and `uint64` are bigint; with `:number` they are numbers that are known to stay below 2^53 (`jstype = JS_NUMBER`). */
export type ScalarType =
  | "string"
  | "bytes"
  | "bool"
  | "int32"
  | "uint32"
  | "enum"
  | "int64"
  | "uint64"
  | "int64:number"
  | "uint64:number";

/**
 * What a message of type `T` may be made from: any field may be absent, which means its default; a bigint may be given as a number.
 */
export type Init<T> = T extends bigint
  ? bigint | number
  : T extends Uint8Array | string | number | boolean | undefined
    ? T
    : T extends readonly (infer Element)[]
      ? readonly Init<Element>[]
      : { readonly [Key in keyof T]?: Init<T[Key]> | undefined };

/** A message of the contracts. Decoded messages are plain objects in which only message fields and members of a oneof may be undefined. */
export interface MessageType<T> {
  /** Full name, such as `pb.Op`; `type.googleapis.com/` in front of it makes the URL that `google.protobuf.Any` holds. */
  readonly typeName: string;
  /**
   * Deterministic: fields in order of their numbers, members of a oneof after all others, maps in order of their keys (strings
   * bytewise), default values left out, as Go's
   * deterministic marshalling does it. Throws `RangeError` for a number that the field's type can't hold.
   */
  encode(message: Init<T>): Uint8Array;
  /** Throws `RangeError` or `Error` for bytes which are no such message. Unknown fields are skipped; `bytes` fields share the input's memory. */
  decode(bytes: Uint8Array): T;
}

/** How many messages may be nested in one another before the decoder gives up, as protobuf implementations commonly have it. */
const maxDepth = 100;

/** Messages as the codec sees them; the typed view of the same objects is the business of the generated interfaces. */
type Plain = Record<string, unknown>;

/** The internal side of a {@link MessageType}, by which messages contain one another. */
interface Codec {
  write(message: Plain, writer: protobuf.Writer): protobuf.Writer;
  read(reader: protobuf.Reader, end: number, depth: number): Plain;
}

const codecs = new WeakMap<object, Codec>();

/** Makes a message type of its field table, which has to be sorted by field number. */
export function message<T extends object>(typeName: string, fields: () => readonly Field[]): MessageType<T> {
  const codec = lazyCodec(fields);
  const type: MessageType<T> = {
    typeName,
    // The tables and the interfaces are generated from the same source, which is what makes the casts here and in `decode` sound.
    encode: (value) => codec.write(value as Plain, protobuf.Writer.create()).finish(),
    decode: (bytes) => {
      const reader = protobuf.Reader.create(bytes);
      return codec.read(reader, reader.len, 0) as T;
    },
  };
  codecs.set(type, codec);
  return type;
}

function lazyCodec(fields: () => readonly Field[]): Codec {
  let known:
    | {
        readonly list: readonly Field[];
        readonly writeOrder: readonly Field[];
        readonly byNumber: ReadonlyMap<number, Field>;
      }
    | undefined;
  const table = () => {
    if (known === undefined) {
      const list = fields();
      // Go's deterministic marshaller puts members of a oneof after all other fields (protobuf-go: internal/order).
      const writeOrder = [
        ...list.filter((field) => field[3] !== "oneof"),
        ...list.filter((field) => field[3] === "oneof"),
      ];
      known = { list, writeOrder, byNumber: new Map(list.map((field) => [field[0], field])) };
    }
    return known;
  };
  return {
    write(value, writer) {
      for (const field of table().writeOrder) {
        const property = value[field[1]];
        if (property !== undefined) writeField(writer, field, property);
      }
      return writer;
    },
    read(reader, end, depth) {
      if (depth > maxDepth) throw new RangeError("messages are nested too deeply");
      const { list, byNumber } = table();
      const result = defaults(list);
      while (reader.pos < end) {
        const tag = reader.uint32();
        const field = byNumber.get(tag >>> 3);
        if (field === undefined || !readField(reader, field, tag & 7, result, depth)) reader.skipType(tag & 7);
      }
      if (reader.pos !== end) throw new RangeError("a field is longer than its message");
      return result;
    },
  };
}

function defaults(fields: readonly Field[]): Plain {
  const result: Plain = {};
  for (const [, name, type, label] of fields) {
    if (label === "repeated") result[name] = [];
    else if (label === "map" || label === "map<int64>") result[name] = {};
    else if (label !== "oneof" && typeof type === "string") result[name] = defaultOf(type);
  }
  return result;
}

const noBytes = new Uint8Array(0);

function defaultOf(type: ScalarType): unknown {
  switch (type) {
    case "string":
      return "";
    case "bytes":
      return noBytes;
    case "bool":
      return false;
    case "int64":
    case "uint64":
      return 0n;
    default:
      return 0;
  }
}

const varint = 0;
const lengthDelimited = 2;

function wireTypeOf(type: Field[2]): number {
  return typeof type !== "string" || type === "string" || type === "bytes" ? lengthDelimited : varint;
}

function codecOf(type: MessageRef): Codec {
  const codec = codecs.get(type);
  if (codec === undefined) throw new Error(`${type.typeName} was not made by message()`);
  return codec;
}

// The casts of property values below are the inverse of those in `message`: the table says what the generated interface says.

function writeField(writer: protobuf.Writer, field: Field, value: unknown): void {
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

/** Reads one occurrence of a field into `target`; false if its wire type isn't the field's, and it has to be skipped. */
function readField(reader: protobuf.Reader, field: Field, wireType: number, target: Plain, depth: number): boolean {
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
