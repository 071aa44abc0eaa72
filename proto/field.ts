/** Fields of messages as data: the rows of the tables that `bin/generate-proto` writes. */

import type protobuf from "protobufjs/minimal.js";

/** How one field looks on the wire: number, property name, type, and what is special about it. */
export type Field = readonly [
  number: number,
  name: string,
  type: ScalarType | MessageRef,
  label?: "repeated" | "oneof" | "map" | "map<int64>",
];

/** Any message type, for which the messages that contain it don't need to know more than that it has a codec. */
export type MessageRef = { readonly typeName: string };

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

/** Messages as the codec sees them; the typed view of the same objects is the business of the generated interfaces. */
export type Plain = Record<string, unknown>;

/** The internal side of a `MessageType`, by which messages contain one another. */
export interface Codec {
  /** Sorted by number, which is the order of their declaration, too. */
  fields(): readonly Field[];
  write(message: Plain, writer: protobuf.Writer): protobuf.Writer;
  read(reader: protobuf.Reader, end: number, depth: number): Plain;
}

/** The codecs of all message types. */
export const codecs = new WeakMap<MessageRef, Codec>();

export function codecOf(type: MessageRef): Codec {
  const codec = codecs.get(type);
  if (codec === undefined) throw new Error(`${type.typeName} was not made by message()`);
  return codec;
}

const noBytes = new Uint8Array(0);

/** What a field holds that isn't on the wire. */
export function defaultOf(type: ScalarType): unknown {
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

/** The wire types that occur in the contracts. */
export const varint = 0;
export const lengthDelimited = 2;

export function wireTypeOf(type: Field[2]): number {
  return typeof type !== "string" || type === "string" || type === "bytes" ? lengthDelimited : varint;
}
