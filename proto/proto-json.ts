/**
 * Messages as protobuf's JSON has them: only what is set, in the order of declaration, 64-bit numbers as texts, bytes in base 64,
 * enumerations by name. Contract: https://protobuf.dev/programming-guides/json, as Go's protojson package writes it.
 */
import { codecOf, defaultOf, type Field, type Plain } from "./field.ts";
import type { MessageType } from "./message.ts";

/** The names of an enumeration's numbers, by `MESSAGE.FIELD`, such as `pb.Mount.mountType`. */
export type EnumNames = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A value for JSON.stringify. Of an enumeration that `names` doesn't have, and of unknown members, the number. */
export function toProtoJson<T extends object>(type: MessageType<T>, message: T, names: EnumNames): unknown {
  // Messages are plain objects whose properties are the fields of their type's table.
  return messageJson(type, message as Plain, names);
}

function messageJson(type: Exclude<Field[2], string>, message: Plain, names: EnumNames): unknown {
  const json: Record<string, unknown> = {};
  for (const field of codecOf(type).fields()) {
    const [, name] = field;
    const value = fieldJson(field, message[name], (item) => itemJson(type.typeName, field, item, names));
    if (value !== undefined) json[name] = value;
  }
  return json;
}

/** Undefined where the field is not set. */
function fieldJson([, , type, label]: Field, value: unknown, toJson: (item: unknown) => unknown): unknown {
  if (value === undefined) return undefined;
  if (label === "repeated") {
    // What the table calls repeated is a list.
    const items = value as readonly unknown[];
    return items.length === 0 ? undefined : items.map(toJson);
  }
  if (label === "map" || label === "map<int64>") {
    const entries = Object.entries(value as Plain).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return entries.length === 0 ? undefined : Object.fromEntries(entries.map(([key, item]) => [key, toJson(item)]));
  }
  if (label !== "oneof" && typeof type === "string" && isDefault(type, value)) return undefined;
  return toJson(value);
}

function itemJson(typeName: string, [, name, type]: Field, value: unknown, names: EnumNames): unknown {
  if (typeof type !== "string") return messageJson(type, value as Plain, names);
  switch (type) {
    case "bytes":
      return Buffer.from(value as Uint8Array).toString("base64");
    case "int64":
    case "uint64":
    case "int64:number":
    case "uint64:number":
      return String(value);
    case "enum":
      return Object.entries(names[`${typeName}.${name}`] ?? {}).find(([, number]) => number === value)?.[0] ?? value;
    default:
      return value;
  }
}

function isDefault(type: Exclude<Field[2], object>, value: unknown): boolean {
  return type === "bytes" ? (value as Uint8Array).length === 0 : value === defaultOf(type);
}
