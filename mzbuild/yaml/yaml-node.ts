/**
 * A YAML document as Python would have it, each value with its place in the text.
 *
 * Mappings are Python dicts: keys in order of first appearance, a later value under an equal key wins, `<<` merged in.
 */
import type { SourceRange } from "../../llb/index.ts";

export type YamlNode = YamlScalar | YamlMapping | YamlSequence;

export type YamlScalar =
  | { readonly kind: "string"; readonly value: string; readonly at: SourceRange }
  | { readonly kind: "integer"; readonly value: bigint; readonly at: SourceRange }
  | { readonly kind: "float"; readonly value: number; readonly at: SourceRange }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: SourceRange }
  | { readonly kind: "null"; readonly at: SourceRange }
  /** A date or a point in time; `value` is what Python's `str()` prints. */
  | { readonly kind: "timestamp"; readonly value: string; readonly at: SourceRange }
  | { readonly kind: "binary"; readonly value: Uint8Array; readonly at: SourceRange };

export interface YamlMapping {
  readonly kind: "mapping";
  readonly entries: readonly YamlEntry[];
  readonly at: SourceRange;
}

export interface YamlEntry {
  readonly key: YamlNode;
  readonly value: YamlNode;
}

export interface YamlSequence {
  readonly kind: "sequence";
  readonly items: readonly YamlNode[];
  readonly at: SourceRange;
}

/** The value under a string key. */
export function entryOf(mapping: YamlMapping, key: string): YamlEntry | undefined {
  return mapping.entries.find((entry) => entry.key.kind === "string" && entry.key.value === key);
}

/** What to call a value in a message: "a list", "a number", … */
export function describeKind(node: YamlNode): string {
  return KIND_NAMES[node.kind];
}

const KIND_NAMES = {
  string: "a string",
  integer: "a number",
  float: "a number",
  boolean: "a boolean",
  null: "empty",
  timestamp: "a date",
  binary: "binary data",
  mapping: "a mapping",
  sequence: "a list",
} as const satisfies Record<YamlNode["kind"], string>;
