/**
 * Typed values of a YAML document, by the rules of Go's decoder: where a string is wanted any scalar is one, as written.
 * Source: gopkg.in/yaml.v3 v3.0.1: decode.go (scalar, sequence, mapping, mappingStruct); messages as there.
 */
import { BuildError, type SourceRange } from "../../llb/index.ts";
import type { YamlMappingNode, YamlNode, YamlScalarNode } from "./yaml-document.ts";
import { shortTag } from "./yaml-scalar.ts";

/** Takes in what is wrong; all of it is told at once. What is null or isn't there is empty, or false, as Go has it. */
export interface YamlDecoder {
  readonly text: (node: YamlNode | undefined) => string;
  readonly flag: (node: YamlNode | undefined) => boolean;
  /** A null in it vanishes. */
  readonly texts: (node: YamlNode | undefined) => readonly string[];
  /** The items of a list. */
  readonly items: (node: YamlNode | undefined, type: string) => readonly YamlNode[];
  /** The same without nulls, which vanish but where pointers are wanted. */
  readonly values: (node: YamlNode | undefined, type: string) => readonly YamlNode[];
  readonly textMap: (node: YamlNode | undefined) => ReadonlyMap<string, string>;
  /** The values of the named fields. Where `type` is given, other fields are faults, and it names what has them. */
  readonly fields: (
    node: YamlNode | undefined,
    known: readonly string[],
    type?: string,
  ) => ReadonlyMap<string, YamlNode>;
  readonly fault: (message: string, at: SourceRange) => void;
  /** Throws `BuildError` "bad-yaml" if anything was wrong. */
  readonly done: () => void;
}

interface Fault {
  readonly message: string;
  readonly at: SourceRange;
}

/** `lead` begins the message of the error. */
export function yamlDecoder(lead: string): YamlDecoder {
  const faults: Fault[] = [];
  const fault = (message: string, at: SourceRange): void => {
    faults.push({ message: `line ${at.start.line}: ${message}`, at });
  };
  const wrongType = (node: YamlNode, wanted: string): void => {
    fault(`cannot unmarshal ${describe(node)} into ${wanted}`, node.at);
  };
  const text = (node: YamlNode | undefined): string | undefined => {
    if (node === undefined || isNull(node)) return undefined;
    if (node.kind === "scalar") return textOf(node);
    wrongType(node, "string");
    return undefined;
  };
  const items = (node: YamlNode | undefined, type: string): readonly YamlNode[] => {
    if (node === undefined || isNull(node)) return [];
    if (node.kind === "sequence") return node.items;
    wrongType(node, type);
    return [];
  };
  const entriesOf = (node: YamlNode | undefined, type: string): readonly (readonly [string, YamlNode])[] => {
    if (node === undefined || isNull(node)) return [];
    if (node.kind !== "mapping") {
      wrongType(node, type);
      return [];
    }
    return mergedEntries(node, fault);
  };
  return {
    text: (node) => text(node) ?? "",
    items,
    values: (node, type) => items(node, type).filter((item) => !isNull(item)),
    fault,
    texts: (node) => items(node, "[]string").flatMap((item) => text(item) ?? []),
    flag: (node) => {
      if (node === undefined || isNull(node)) return false;
      const value = node.kind === "scalar" ? booleanOf(node) : undefined;
      if (value === undefined) wrongType(node, "bool");
      return value ?? false;
    },
    textMap: (node) =>
      new Map(entriesOf(node, "map[string]string").map(([key, value]) => [key, text(value) ?? ""] as const)),
    fields: (node, known, type) => {
      const found = new Map<string, YamlNode>();
      for (const [name, value] of entriesOf(node, type ?? "struct")) {
        if (known.includes(name)) found.set(name, value);
        else if (type !== undefined) fault(`field ${name} not found in type ${type}`, value.at);
      }
      return found;
    },
    done: () => {
      const [first] = faults;
      if (first === undefined) return;
      const lines = faults.map(({ message }) => `\n  ${message}`).join("");
      throw new BuildError("bad-yaml", `${lead}: yaml: unmarshal errors:${lines}`, { at: faults.map(({ at }) => at) });
    },
  };
}

const TAG = "tag:yaml.org,2002:";

/** Whether a value says nothing. */
export function isNull(node: YamlNode): boolean {
  if (node.kind !== "scalar") return false;
  if (node.tag === `${TAG}null`) return true;
  return node.plain && node.tag === undefined && /^(?:~|null|Null|NULL|)$/.test(node.text);
}

function textOf({ text, tag }: YamlScalarNode): string {
  return tag === `${TAG}binary` ? Buffer.from(text, "base64").toString("utf8") : text;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"].map((word) => [word, false] as const),
]);

/** The words of YAML 1.1 count in quotes, too; true and false don't. */
function booleanOf({ text, plain, tag }: YamlScalarNode): boolean | undefined {
  const quoted = !plain && tag === undefined;
  return quoted && /^(?:true|false)$/i.test(text) ? undefined : BOOLEANS.get(text);
}

/** Fields of a mapping by name, with what `<<` brings where the mapping itself says nothing. */
function mergedEntries(node: YamlMappingNode, fault: YamlDecoder["fault"]): readonly (readonly [string, YamlNode])[] {
  const found = new Map<string, YamlNode>();
  const firstLines = new Map<string, number>();
  const merges: YamlNode[] = [];
  for (const { key, value } of node.entries) {
    if (key.kind !== "scalar") {
      fault(`cannot unmarshal ${describe(key)} into string`, key.at);
      continue;
    }
    if (key.plain && key.text === "<<" && (key.tag === undefined || key.tag === `${TAG}merge`)) {
      merges.push(value);
      continue;
    }
    const first = firstLines.get(key.text);
    if (first !== undefined) {
      fault(`mapping key ${JSON.stringify(key.text)} already defined at line ${first}`, key.at);
      continue;
    }
    firstLines.set(key.text, key.at.start.line);
    if (!isNull(key)) found.set(key.text, value);
  }
  for (const merge of merges.flatMap((value) => (value.kind === "sequence" ? value.items : [value]))) {
    if (merge.kind !== "mapping") {
      fault("map merge requires map or sequence of maps as the value", merge.at);
      continue;
    }
    for (const [name, value] of mergedEntries(merge, fault)) if (!found.has(name)) found.set(name, value);
  }
  return [...found];
}

function describe(node: YamlNode): string {
  if (node.kind !== "scalar") return node.kind === "mapping" ? "!!map" : "!!seq";
  const shown = node.text.length > 10 ? `${node.text.slice(0, 7)}...` : node.text;
  const tag = node.tag?.replace(TAG, "!!") ?? (node.plain ? shortTag(node.text) : "!!str");
  return `${tag} \`${shown}\``;
}
