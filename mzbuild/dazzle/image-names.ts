/**
 * What the images of a project are called. docs/dazzle.md, "Names".
 * Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/project.go (`ImageName`), pkg/dazzle/build.go (`BaseRef`).
 */
import { BuildError } from "../../llb/index.ts";
import type { ChunkHashes } from "./chunk-hash.ts";
import { BASE_DIRECTORY, type Chunk, type Project } from "./project.ts";
import type { TargetRepository } from "./target-reference.ts";

export interface ImageName {
  /** `host/path`. */
  readonly repository: string;
  readonly tag: string;
}

export function formatImageName({ repository, tag }: ImageName): string {
  return `${repository}:${tag}`;
}

/** The base, whose name depends on nothing but itself. */
export function baseName({ base }: Project, hashes: ChunkHashes, { name }: TargetRepository): ImageName {
  const hash = hashes.hash(base, { baseRef: undefined, withTests: false });
  return { repository: name, tag: `base--${hash}` };
}

export interface NamingContext {
  readonly hashes: ChunkHashes;
  readonly target: TargetRepository;
  /** The base in full, digest included. */
  readonly baseRef: string;
}

/**
 * `type` is chunked, full, chunked-wohash, test or test-result; any other word is simply put at the end of the name. Throws
 * `BuildError` "bad-image-name".
 */
export function chunkImageName(chunk: Chunk, type: string, { hashes, target, baseRef }: NamingContext): ImageName {
  if (type === "chunked-wohash") return nameWithoutHash(chunk, target);
  const withTests = type === "test" || type === "test-result";
  // The base's own name comes before there is any reference to it, and stays.
  const isBase = chunk.directory === BASE_DIRECTORY;
  const hash = hashes.hash(chunk, { baseRef: isBase && !withTests ? undefined : baseRef, withTests });
  const tag = `${chunk.name.replaceAll(":", "-")}--${hash}--${type}`;
  return { repository: target.name, tag: checkTag(tag, chunk.name) };
}

/** Throws `BuildError` "bad-image-name" for what can be no tag; `name` is what it is made from. */
export function checkTag(tag: string, name: string): string {
  if (/^\w[\w.-]{0,127}$/.test(tag)) return tag;
  const reason =
    tag.length > 128
      ? `the tag would have ${tag.length} characters, and 128 are allowed`
      : "letters, digits, _, . and - are allowed";
  throw new BuildError("bad-image-name", `${JSON.stringify(name)}: invalid tag format`, { hint: reason });
}

const PATH_COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*$/;

function nameWithoutHash(chunk: Chunk, target: TargetRepository): ImageName {
  const parts = chunk.name.split(":");
  const [directory = "", variant] = parts.length === 2 ? parts : [chunk.name];
  if (!PATH_COMPONENT.test(directory)) {
    throw new BuildError("bad-image-name", `${JSON.stringify(chunk.name)}: invalid reference format`, {
      hint: "as the name of a repository it may have lower case letters and digits, with ., _ and - between them",
    });
  }
  return { repository: `${target.name}/${directory}`, tag: checkTag(variant ?? "latest", chunk.name) };
}
