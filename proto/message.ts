/**
 * Encodes and decodes protobuf messages described by field tables, which `bin/generate-proto` writes from the `.proto` files.
 *
 * A table costs nothing until its message is first used, so importing the contracts is cheap: a frontend image pays for it on every
 * build. Bytes go through protobufjs' reader and writer.
 */

import protobuf from "protobufjs/minimal.js";
import { type Codec, codecs, type Field, type Plain } from "./field.ts";
import { defaults, maxDepth, readField } from "./read-field.ts";
import { writeField } from "./write-field.ts";

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
   * Deterministic, as Go's deterministic marshalling is: fields in order of their numbers, members of a oneof after all others, maps in
   * order of their keys (strings bytewise), default values left out. Throws `RangeError` for a number that the field's type can't hold.
   */
  encode(message: Init<T>): Uint8Array;
  /** Throws `RangeError` or `Error` for bytes which are no such message. Unknown fields are skipped; `bytes` fields share the input's memory. */
  decode(bytes: Uint8Array): T;
}

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
    fields: () => table().list,
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
