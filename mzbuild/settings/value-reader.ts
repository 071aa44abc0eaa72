/**
 * Reads a YAML document strictly, remembering every problem with its place: unknown keys and wrong kinds are errors, and all
 * of a file's problems are told at once.
 */
import { BuildError, type SourceRange } from "../../llb/index.ts";
import type { Located } from "../image.ts";
import { didYouMean } from "../nearest-names.ts";
import { describeKind, type YamlMapping, type YamlNode } from "../yaml/yaml-node.ts";

interface Problem {
  readonly message: string;
  readonly at: SourceRange;
  readonly hint: string | undefined;
}

export class ValueReader {
  readonly #problems: Problem[] = [];

  /** Throws `BuildError` with this code if there was any problem. */
  finish(code: string): void {
    const [first] = this.#problems;
    if (first === undefined) return;
    const hint = this.#problems.map((problem) => problem.hint).find((each) => each !== undefined);
    throw new BuildError(code, this.#problems.map(({ message }) => message).join("\n"), {
      at: this.#problems.map(({ at }) => at),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  problem(message: string, at: SourceRange, hint?: string): void {
    this.#problems.push({ message, at, hint });
  }

  /** The values under the known keys, by key; `what` is the mapping's name in messages. Nothing at all is an empty mapping. */
  fields<Key extends string>(
    node: YamlNode | undefined,
    what: string,
    keys: readonly Key[],
  ): ReadonlyMap<Key, YamlNode> {
    const fields = new Map<Key, YamlNode>();
    for (const [key, value] of this.entries(node, what)) {
      const known = keys.find((each) => each === key.value);
      if (known !== undefined) fields.set(known, value);
      else this.#unknown(`${what} has no key ${JSON.stringify(key.value)}`, key, keys);
    }
    return fields;
  }

  /** All entries of a mapping whose keys are strings. */
  entries(node: YamlNode | undefined, what: string): readonly (readonly [Located<string>, YamlNode])[] {
    const mapping = this.#mapping(node, what);
    return (mapping?.entries ?? []).flatMap(({ key, value }): readonly (readonly [Located<string>, YamlNode])[] => {
      if (key.kind === "string") return [[{ value: key.value, at: key.at }, value]];
      this.problem(`the keys of ${what} must be strings`, key.at, "quote it");
      return [];
    });
  }

  string(node: YamlNode | undefined, what: string): Located<string> | undefined {
    if (node === undefined) return undefined;
    if (node.kind === "string") return { value: node.value, at: node.at };
    this.problem(`${what} must be a string, and is ${describeKind(node)}`, node.at, "quote it");
    return undefined;
  }

  strings(node: YamlNode | undefined, what: string): readonly Located<string>[] {
    if (node === undefined) return [];
    if (node.kind !== "sequence") {
      this.problem(`${what} must be a list of strings, and is ${describeKind(node)}`, node.at);
      return [];
    }
    return node.items.flatMap((item) => this.string(item, `an item of ${what}`) ?? []);
  }

  /** A mapping from strings to strings. */
  texts(node: YamlNode | undefined, what: string): ReadonlyMap<string, string> {
    const texts = this.entries(node, what).flatMap(([name, value]) => {
      const text = this.string(value, `${what} ${name.value}`);
      return text === undefined ? [] : [[name.value, text.value] as const];
    });
    return new Map(texts);
  }

  oneOf<Value extends string>(node: YamlNode | undefined, what: string, values: readonly Value[]): Value | undefined {
    const text = this.string(node, what);
    if (text === undefined) return undefined;
    const known = values.find((value) => value === text.value);
    if (known === undefined) this.#unknown(`${what} cannot be ${JSON.stringify(text.value)}`, text, values);
    return known;
  }

  #mapping(node: YamlNode | undefined, what: string): YamlMapping | undefined {
    if (node === undefined || node.kind === "null") return undefined;
    if (node.kind === "mapping") return node;
    this.problem(`${what} must be a mapping, and is ${describeKind(node)}`, node.at);
    return undefined;
  }

  #unknown(message: string, { value, at }: Located<string>, known: readonly string[]): void {
    this.problem(message, at, didYouMean(value, known) ?? `it can be: ${known.join(", ")}`);
  }
}
