/** Sources of COPY and ADD that are here-documents: a file made for the purpose. */
import { BuildError } from "../../../llb/index.ts";
import type { SourceContent } from "../instruction.ts";
import type { CopyPart } from "./copy.ts";
import { inlineDocument } from "./inline-document.ts";
import { normalizePath, stripDrive, toSlash } from "./paths.ts";

export function contentSource({ path, data }: SourceContent, os: string): CopyPart {
  const name = fileName(path, os);
  const output = inlineDocument(normalizePath("/", name, "linux", false), 0o644, data);
  return { source: { kind: "output", output }, from: normalizePath("/", toSlash(name, os), "linux", false) };
}

function fileName(path: string, os: string): string {
  try {
    return stripDrive(path, os, false);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.code, `removing drive letter: ${error.message}`);
  }
}
