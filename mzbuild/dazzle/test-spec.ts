/**
 * The tests of a chunk: tests/NAME.yaml. docs/dazzle.md, "Tests".
 * Source: gitpod-io/dazzle v0.1.17: pkg/test/test.go (`Spec`).
 */
import { BuildError, type SourceRange } from "../../llb/index.ts";
import { isNull, yamlDecoder } from "./yaml-decoder.ts";
import { readYaml, type YamlNode } from "./yaml-document.ts";

export interface TestSpec {
  readonly desc: string;
  readonly skip: boolean;
  /** A number, or a name of the image's /etc/passwd; empty for the image's own. */
  readonly user: string;
  readonly command: readonly string[];
  /** Before `command`; the test then has a terminal for its standard input. */
  readonly entrypoint: readonly string[];
  /** `NAME=VALUE`. */
  readonly env: readonly string[];
  /** JavaScript. */
  readonly assertions: readonly string[];
  readonly at: SourceRange;
  /** The places of the assertions, in the same order. */
  readonly assertionsAt: readonly SourceRange[];
}

const FIELDS = ["desc", "skip", "user", "command", "entrypoint", "env", "assert"];

/** Throws `BuildError` "bad-yaml": an unknown field, too, is a fault. */
export function readTests(file: string, bytes: Uint8Array): readonly TestSpec[] {
  const lead = `${file}: cannot read tests.yaml`;
  const document = readYaml(file, bytes, lead);
  if (document === undefined) {
    const hint = "a file without tests holds an empty list: []";
    throw new BuildError("bad-yaml", `${lead}: EOF`, { hint, at: [firstLine(file)] });
  }
  const decoder = yamlDecoder(lead);
  const tests = decoder.items(document, "[]*test.Spec").map((node) => {
    if (isNull(node)) decoder.fault("there is no test in this entry", node.at);
    const found = decoder.fields(node, FIELDS, "test.Spec");
    const text = (name: string): string => decoder.text(found.get(name));
    const texts = (name: string): readonly string[] => decoder.texts(found.get(name));
    return {
      desc: text("desc"),
      skip: decoder.flag(found.get("skip")),
      user: text("user"),
      command: texts("command"),
      entrypoint: texts("entrypoint"),
      env: texts("env"),
      assertions: texts("assert"),
      at: node.at,
      assertionsAt: placesOf(found.get("assert")),
    };
  });
  decoder.done();
  return tests;
}

function placesOf(node: YamlNode | undefined): readonly SourceRange[] {
  if (node?.kind !== "sequence") return [];
  return node.items.filter((item) => !isNull(item)).map(({ at }) => at);
}

function firstLine(file: string): SourceRange {
  return { file, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
}
