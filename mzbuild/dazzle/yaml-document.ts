/**
 * One YAML document as the structure that Go's decoder works on: scalars as written, with what says how they are meant, and the
 * place of everything. What a value means is for `yaml-decoder.ts`, as it depends on what is wanted.
 * Source: gopkg.in/yaml.v3 v3.0.1: decode.go (parser). The npm package `yaml` finds the structure.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  type YAMLMap,
} from "yaml";
import { BuildError, type SourceRange } from "../../llb/index.ts";
import { type RangeOf, rangesIn } from "../text-ranges.ts";
import { readCharacters } from "./yaml-characters.ts";

export type YamlNode = YamlScalarNode | YamlMappingNode | YamlSequenceNode;

export interface YamlScalarNode {
  readonly kind: "scalar";
  readonly text: string;
  /** Neither quoted nor a block: may mean a number, a boolean or nothing. */
  readonly plain: boolean;
  /** As `!!str` has it: `tag:yaml.org,2002:str`. */
  readonly tag: string | undefined;
  readonly at: SourceRange;
}

export interface YamlMappingNode {
  readonly kind: "mapping";
  /** As written, repeated keys and `<<` included. */
  readonly entries: readonly { readonly key: YamlNode; readonly value: YamlNode }[];
  readonly at: SourceRange;
}

export interface YamlSequenceNode {
  readonly kind: "sequence";
  readonly items: readonly YamlNode[];
  readonly at: SourceRange;
}

/**
 * The first document of a text; undefined where there is none, comments or not. Throws `BuildError` "bad-yaml", its message
 * beginning with `lead`; `file` is for its places.
 */
export function readYaml(file: string, bytes: Uint8Array, lead: string): YamlNode | undefined {
  const fail = (what: string, at?: SourceRange): BuildError =>
    new BuildError("bad-yaml", `${lead}: yaml: ${what}`, at === undefined ? {} : { at: [at] });
  const characters = readCharacters(bytes);
  if (characters.kind === "wrong") {
    const { what, before } = characters;
    throw fail(what, rangesIn(file, before)(before.length, before.length));
  }
  const { text } = characters;
  const range = rangesIn(file, text);
  const documents = parseAllDocuments(text, {
    schema: "failsafe",
    version: "1.2",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
    strict: true,
  });
  const [document] = "empty" in documents ? [] : documents;
  if (document === undefined) return undefined;
  const fault = document.errors[0];
  if (fault !== undefined) {
    const at = range(fault.pos[0], fault.pos[1]);
    throw fail(`line ${at.start.line}: ${fault.message.split("\n", 1)[0] ?? ""}`, at);
  }
  if (document.contents === null) return undefined;
  return new Reader(document, text, range, fail).read(document.contents, range(0, 0));
}

class Reader {
  readonly #document: Document;
  readonly #text: string;
  readonly #range: RangeOf;
  readonly #fail: (what: string, at?: SourceRange) => BuildError;
  readonly #open = new Set<Node>();

  constructor(document: Document, text: string, range: RangeOf, fail: (what: string, at?: SourceRange) => BuildError) {
    this.#document = document;
    this.#text = text;
    this.#range = range;
    this.#fail = fail;
  }

  /** `fallback` is the place of a value that is not written at all. */
  read(node: Node | null, fallback: SourceRange): YamlNode {
    if (node === null) return { kind: "scalar", text: "", plain: true, tag: undefined, at: fallback };
    const at = this.#at(node);
    if (isAlias(node)) return this.#aliased(node, at);
    if (isScalar(node)) {
      const plain = node.type === "PLAIN";
      if (node.type === "QUOTE_DOUBLE") this.#checkEscapes(node.range?.[0] ?? 0, node.range?.[1] ?? 0, at);
      return { kind: "scalar", text: String(node.value ?? ""), plain, tag: node.tag, at };
    }
    // The package's types allow any key, value and item; parsed ones are nodes, or null where nothing is written.
    if (isMap(node)) return { kind: "mapping", entries: this.#entries(node, at), at };
    if (isSeq(node))
      return { kind: "sequence", items: node.items.map((item) => this.read(item as Node | null, at)), at };
    throw this.#fail("cannot read this value", at);
  }

  #entries(node: YAMLMap, at: SourceRange): YamlMappingNode["entries"] {
    return node.items.map(({ key, value }) => {
      const read = this.read(key as Node | null, at);
      return { key: read, value: this.read(value as Node | null, read.at) };
    });
  }

  #aliased(alias: Alias, at: SourceRange): YamlNode {
    const target = alias.resolve(this.#document);
    if (target === undefined) throw this.#fail(`unknown anchor '${alias.source}' referenced`, at);
    if (this.#open.has(target)) throw this.#fail(`anchor '${alias.source}' value contains itself`, at);
    this.#open.add(target);
    const value = this.read(target, at);
    this.#open.delete(target);
    return { ...value, at };
  }

  /** Half of a character is none, even where the other half follows. */
  #checkEscapes(start: number, end: number, at: SourceRange): void {
    const written = this.#text.slice(start, end).replaceAll("\\\\", "");
    if (/\\u[dD][89a-fA-F]/.test(written)) {
      throw this.#fail(`line ${at.start.line}: found invalid Unicode character escape code`, at);
    }
  }

  #at(node: Node): SourceRange {
    const [start, end] = node.range ?? [0, 0];
    return this.#range(start, end);
  }
}
