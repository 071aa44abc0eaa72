/**
 * The text that a chunk's hash is made of, and the hash. docs/dazzle.md, "What a hash covers".
 * Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/project.go (`manifest`, `hash`).
 */
import { compareBytes } from "../../llb/index.ts";
import { highwayHashOf } from "./highway-hash.ts";
import { listSources } from "./list-sources.ts";
import type { Chunk, Project } from "./project.ts";
import { writeTests } from "./yaml-writer.ts";

export interface HashOptions {
  /** The base in full, digest included; undefined for the base's own name. */
  readonly baseRef: string | undefined;
  readonly withTests: boolean;
}

/** Texts and hashes of a project's chunks; files are read once. */
export interface ChunkHashes {
  /** Throws `BuildError` "bad-chunk-source". */
  readonly manifest: (chunk: Chunk, options: HashOptions) => Uint8Array;
  /** 64 hexadecimal digits. Throws as `manifest`. */
  readonly hash: (chunk: Chunk, options: HashOptions) => string;
}

export function chunkHashes({ files }: Project): ChunkHashes {
  const sources = new Map<string, string>();
  const sourcesOf = ({ directory }: Chunk): string => {
    const known = sources.get(directory);
    if (known !== undefined) return known;
    const lines = listSources(files, directory).join("\n");
    sources.set(directory, lines);
    return lines;
  };
  const manifest = (chunk: Chunk, { baseRef, withTests }: HashOptions): Uint8Array => {
    const args = [...chunk.args].map(([name, value]) => `${name}=${value}`).sort(compareBytes);
    return Buffer.concat([
      Buffer.from(baseRef === undefined ? "" : `Baseref: ${baseRef}\n`),
      Buffer.from("Dockerfile: "),
      chunk.dockerfile,
      Buffer.from("\nSources:\n"),
      Buffer.from(sourcesOf(chunk), "latin1"),
      Buffer.from(`\nArgs:\n${args.join("\n")}\n`),
      Buffer.from(withTests ? `Tests:\n${writeTests(chunk.tests)}\n` : ""),
    ]);
  };
  const known = new Map<string, string>();
  return {
    manifest,
    hash: (chunk, options) => {
      const key = `${chunk.directory} ${chunk.name} ${options.withTests} ${options.baseRef ?? ""}`;
      const hash = known.get(key) ?? highwayHashOf(manifest(chunk, options));
      known.set(key, hash);
      return hash;
    },
  };
}
