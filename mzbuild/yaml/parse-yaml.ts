/**
 * Reads one YAML document as Python's `yaml.safe_load` does, keeping the place of every value.
 *
 * The npm package `yaml` finds the structure; what plain scalars, tags, merges and repeated keys mean is decided here, since
 * no schema of that package does it as PyYAML does. Source: yaml/pyyaml 6.0.1: lib/yaml/{resolver,constructor}.py.
 */
import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from "yaml";
import { BuildError, type Position, type SourceRange } from "../../llb/index.ts";
import { type RangeOf, rangesIn } from "../text-ranges.ts";
import { lenientDocument } from "./lenient-document.ts";
import { constructScalar, type ScalarTag, tagOfPlain } from "./python-scalar.ts";
import type { YamlEntry, YamlMapping, YamlNode, YamlScalar } from "./yaml-node.ts";

/**
 * The document's value; nothing at all gives null. Throws `BuildError` "bad-yaml" with the place of the first fault.
 * `file` is the path for ranges, relative to the root.
 */
export function parseYaml(file: string, bytes: Uint8Array): YamlNode {
  // As long as before, so that places stay: to Python, a lone carriage return ends a line.
  const text = decodeUtf8(file, bytes).replace(/\r(?!\n)/g, "\n");
  const range = rangesIn(file, text);
  const unprintable = UNPRINTABLE.exec(text);
  if (unprintable !== null) {
    const code = (unprintable[0].codePointAt(0) ?? 0).toString(16).padStart(4, "0");
    const at = range(unprintable.index, unprintable.index + unprintable[0].length);
    throw yamlError(`special characters are not allowed (#x${code})`, at);
  }
  const { document, originalOffset } = lenientDocument(text);
  const fault = document.errors[0];
  if (fault !== undefined) throw yamlError(firstLine(fault.message), range(fault.pos[0], fault.pos[1]));
  const originalRange: RangeOf = (start, end) => range(originalOffset(start), originalOffset(end));
  const endOfLastLine = /[^\n ][^\n]*$/.test(text) ? range(text.length, text.length).end : undefined;
  return new Reader(document, originalRange, endOfLastLine).read(document.contents, range(0, 0));
}

/** What PyYAML's reader refuses. */
const UNPRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

const TAG_PREFIX = "tag:yaml.org,2002:";
const SCALAR_TAGS: ReadonlySet<string> = new Set<ScalarTag>([
  "bool",
  "float",
  "int",
  "null",
  "timestamp",
  "str",
  "binary",
]);
const MAPPING_TAGS: ReadonlySet<string> = new Set(["map", "set"]);
const SEQUENCE_TAGS: ReadonlySet<string> = new Set(["seq", "omap", "pairs"]);

/** Turns the package's nodes into ours; each node once, so that an alias costs nothing and a cycle is seen. */
class Reader {
  readonly #done = new Map<Node, YamlNode>();
  readonly #open = new Set<Node>();
  readonly #document: Document;
  readonly #range: RangeOf;
  readonly #endOfLastLine: Position | undefined;

  /** `endOfLastLine` is that of a text whose last line has something in it, and no line feed. */
  constructor(document: Document, range: RangeOf, endOfLastLine: Position | undefined) {
    this.#document = document;
    this.#range = range;
    this.#endOfLastLine = endOfLastLine;
  }

  /** `fallback` is the place of a value that is not written at all. */
  read(node: Node | null, fallback: SourceRange): YamlNode {
    if (node === null) return { kind: "null", at: fallback };
    if (isAlias(node)) return { ...this.read(this.#target(node), fallback), at: this.#at(node) };
    const known = this.#done.get(node);
    if (known !== undefined) return known;
    if (this.#open.has(node)) throw yamlError("a value cannot contain itself", this.#at(node));
    this.#open.add(node);
    const made = this.#make(node);
    this.#open.delete(node);
    this.#done.set(node, made);
    return made;
  }

  #make(node: Node): YamlNode {
    const at = this.#at(node);
    if (isScalar(node)) return this.#scalar(node.tag, this.#textOf(node, at), node.type === "PLAIN", at);
    if (isMap(node)) {
      this.#checkTag(node.tag, MAPPING_TAGS, at);
      return { kind: "mapping", entries: pythonDict(this.#entries(node)), at };
    }
    if (isSeq(node)) {
      this.#checkTag(node.tag, SEQUENCE_TAGS, at);
      // The package's types allow any item; a parsed sequence has nodes, or null where nothing is written.
      return { kind: "sequence", items: node.items.map((item) => this.read(item as Node | null, at)), at };
    }
    throw yamlError("cannot read this value", at);
  }

  /** The package gives the last line of a block its line feed even where the text has none. */
  #textOf({ type, value }: Scalar, { end }: SourceRange): string {
    const text = String(value);
    const isBlock = type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED";
    const last = this.#endOfLastLine;
    const isUnended = isBlock && last !== undefined && end.line === last.line && end.column >= last.column;
    return isUnended ? text.replace(/\n$/, "") : text;
  }

  #scalar(explicitTag: string | undefined, text: string, plain: boolean, at: SourceRange): YamlScalar {
    const tag = this.#scalarTag(explicitTag, text, plain);
    const made = tag === undefined ? undefined : constructScalar(tag, text, at);
    if (made !== undefined) return made;
    if (tag === undefined || tag === "merge" || tag === "value")
      throw noConstructor(explicitTag ?? TAG_PREFIX + tag, at);
    throw yamlError(`${JSON.stringify(text)} is no valid ${tag}`, at);
  }

  /** The tag `!` alone asks for the meaning that the text would have unquoted. */
  #scalarTag(explicitTag: string | undefined, text: string, plain: boolean): ScalarTag | undefined {
    if (explicitTag === "!" || (explicitTag === undefined && plain)) return tagOfPlain(text);
    if (explicitTag === undefined) return "str";
    const name = explicitTag.startsWith(TAG_PREFIX) ? explicitTag.slice(TAG_PREFIX.length) : "";
    // A member of the set of these very strings.
    return SCALAR_TAGS.has(name) ? (name as ScalarTag) : undefined;
  }

  #checkTag(tag: string | undefined, known: ReadonlySet<string>, at: SourceRange): void {
    if (tag === undefined || tag === "!") return;
    if (!tag.startsWith(TAG_PREFIX) || !known.has(tag.slice(TAG_PREFIX.length))) throw noConstructor(tag, at);
  }

  /** Merged entries come first, the last merge of a list before its first, so that "the last wins" is right for all. */
  #entries(map: YAMLMap): readonly YamlEntry[] {
    const merged: YamlEntry[] = [];
    const own: YamlEntry[] = [];
    for (const pair of map.items) {
      // The package's types allow any key and value; parsed ones are nodes, or null where nothing is written.
      const keyNode = pair.key as Node | null;
      const valueNode = pair.value as Node | null;
      const at = keyNode === null ? this.#at(map) : this.#at(keyNode);
      if (isScalar(keyNode) && keyNode.type === "PLAIN" && keyNode.tag === undefined && keyNode.value === "<<") {
        merged.push(...this.#mergedEntries(this.read(valueNode, at)));
      } else {
        own.push({ key: this.#key(keyNode, at), value: this.read(valueNode, at) });
      }
    }
    return [...merged, ...own];
  }

  #key(node: Node | null, at: SourceRange): YamlNode {
    if (isScalar(node) && node.type === "PLAIN" && node.tag === undefined && node.value === "=") {
      return { kind: "string", value: "=", at };
    }
    const key = this.read(node, at);
    if (key.kind === "mapping" || key.kind === "sequence") throw yamlError("found unhashable key", at);
    return key;
  }

  #mergedEntries(value: YamlNode): readonly YamlEntry[] {
    if (value.kind === "mapping") return value.entries;
    if (value.kind === "sequence") {
      return value.items.toReversed().flatMap((item) => {
        if (item.kind !== "mapping") throw yamlError("expected a mapping for merging", item.at);
        return item.entries;
      });
    }
    throw yamlError("expected a mapping or list of mappings for merging", value.at);
  }

  #target(alias: Alias): Node {
    const target = alias.resolve(this.#document);
    if (target === undefined) throw yamlError(`found undefined alias ${JSON.stringify(alias.source)}`, this.#at(alias));
    return target;
  }

  #at(node: Node): SourceRange {
    const [start, end] = node.range ?? [0, 0];
    return this.#range(start, end);
  }
}

function pythonDict(entries: readonly YamlEntry[]): YamlMapping["entries"] {
  const dict = new Map<string, YamlEntry>();
  for (const { key, value } of entries) {
    const identity = identityOf(key);
    dict.set(identity, { key: dict.get(identity)?.key ?? key, value });
  }
  return [...dict.values()];
}

/** Equal for keys that are equal in Python, where 1, 1.0 and True are the same key. */
function identityOf(key: YamlNode): string {
  switch (key.kind) {
    case "integer":
    case "float":
      return `number ${Number(key.value)}`;
    case "boolean":
      return `number ${key.value ? 1 : 0}`;
    case "string":
    case "timestamp":
      return `${key.kind} ${key.value}`;
    case "binary":
      return `binary ${Buffer.from(key.value).toString("hex")}`;
    default:
      return key.kind;
  }
}

function decodeUtf8(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).replace(/^\ufeff/, "");
  } catch (cause) {
    throw new BuildError("bad-yaml", `${file} is not valid UTF-8`, { cause });
  }
}

function noConstructor(tag: string, at: SourceRange): BuildError {
  return yamlError(`could not determine a constructor for the tag ${JSON.stringify(tag)}`, at);
}

function yamlError(what: string, at: SourceRange): BuildError {
  return new BuildError("bad-yaml", `${at.file} is not valid YAML: ${what}`, { at: [at] });
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}
