/** chunk.yaml: the variants of a chunk. Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/project.go (`ChunkConfig`). */
import { BuildError } from "../../llb/index.ts";
import { yamlDecoder } from "./yaml-decoder.ts";
import { readYaml } from "./yaml-document.ts";

export const VARIANTS_FILE = "chunk.yaml";

export interface ChunkVariant {
  readonly name: string;
  /** Build arguments. */
  readonly args: ReadonlyMap<string, string>;
  /** A file in the chunk's directory; empty for `Dockerfile`. */
  readonly dockerfile: string;
}

/** Throws `BuildError` "bad-yaml"; `file` is the path of the file. */
export function readVariants(file: string, bytes: Uint8Array): readonly ChunkVariant[] {
  const lead = `cannot load config from ${VARIANTS_FILE}`;
  const document = readYaml(file, bytes, lead);
  if (document === undefined) {
    const at = { file, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
    throw new BuildError("bad-yaml", `${lead}: EOF`, { at: [at], hint: "without variants there is no such file" });
  }
  const decoder = yamlDecoder(lead);
  const list = decoder.fields(document, ["variants"]).get("variants");
  const variants = decoder.values(list, "[]dazzle.ChunkVariant").map((node): ChunkVariant => {
    const found = decoder.fields(node, ["name", "args", "dockerfile"]);
    return {
      name: decoder.text(found.get("name")),
      args: decoder.textMap(found.get("args")),
      dockerfile: decoder.text(found.get("dockerfile")),
    };
  });
  decoder.done();
  return variants;
}
