/** A YAML document as JSON has it, for values that are handed on to others. */
import { pythonStr } from "./python-text.ts";
import type { YamlNode } from "./yaml-node.ts";

export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** Keys, dates and binary data become text. */
export function plainValue(node: YamlNode): PlainValue {
  switch (node.kind) {
    case "string":
    case "float":
    case "boolean":
      return node.value;
    case "integer":
      return Number(node.value);
    case "null":
      return null;
    case "timestamp":
    case "binary":
      return pythonStr(node);
    case "mapping":
      return Object.fromEntries(node.entries.map(({ key, value }) => [pythonStr(key), plainValue(value)]));
    case "sequence":
      return node.items.map(plainValue);
  }
}
