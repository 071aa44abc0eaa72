/** Sources of COPY and ADD that are here-documents: a file made for the purpose. */
import { BuildError, newVertex } from "../../../llb/index.ts";
import type { SourceContent } from "../instruction.ts";
import { encodeText } from "../text/bytes.ts";
import type { CopyPart } from "./copy.ts";
import { normalizePath, stripDrive, toSlash } from "./paths.ts";

export function contentSource({ path, data }: SourceContent, os: string): CopyPart {
  const name = fileName(path, os);
  const action = {
    kind: "mkfile",
    input: { kind: "scratch" },
    path: normalizePath("/", name, "linux", false),
    mode: 0o644,
    data: encodeText(data),
    owner: undefined,
    timestamp: undefined,
  } as const;
  const vertex = newVertex({ kind: "file", base: undefined, actions: [action] }, undefined, {
    name: "[internal] preparing inline document",
  });
  return {
    source: { kind: "output", output: { vertex, index: 0 } },
    from: normalizePath("/", toSlash(name, os), "linux", false),
  };
}

function fileName(path: string, os: string): string {
  try {
    return stripDrive(path, os, false);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.code, `removing drive letter: ${error.message}`);
  }
}
