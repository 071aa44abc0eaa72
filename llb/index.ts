/**
 * LLB, BuildKit's graph of build operations: write it as {@link State}s, marshal it to a {@link Definition}.
 *
 *     const base = image("docker.io/library/debian:trixie-slim", { platform: linux("amd64") });
 *     const built = base.dir("/src").run(["make"], { mounts: [bindMount("/src", local("context"))] });
 *     const definition = marshal(built.root.output);
 */
export { BuildError, type BuildErrorDetails } from "./build-error.ts";
export { capsOf } from "./caps.ts";
export { compareBytes } from "./compare-bytes.ts";
export type {
  Definition,
  DefinitionLocation,
  DefinitionSource,
  Digest,
  MarshalledMetadata,
  MarshalledOp,
  SourceInfo,
} from "./definition.ts";
export { headDigest } from "./definition.ts";
export { definitionToProto } from "./definition-proto.ts";
export { deleteEnv, type EnvList, envEntries, getEnv, setEnv } from "./env-list.ts";
export { type CopyOptions, copy, mkdir, mkfile, rm, symlink } from "./file.ts";
export { outputFromProto } from "./from-proto.ts";
export {
  formatImageReference,
  fullImageName,
  type ImageReference,
  type ParsedReference,
  parseImageReference,
  withDefaultTag,
} from "./image-reference.ts";
export { walkInputs } from "./inputs.ts";
export { digestOf, digestOfBytes, marshal } from "./marshal.ts";
export { bindMount, cacheMount, secretMount, sshMount, tmpfsMount } from "./mount.ts";
export type * from "./op.ts";
export { type ParsedPlatform, parsePlatform } from "./parse-platform.ts";
export { absolutePath, cleanPath, joinDestination, joinPath } from "./paths.ts";
export {
  formatFullPlatform,
  formatPlatform,
  linux,
  normalizePlatform,
  type Platform,
} from "./platform.ts";
export { quote } from "./quote.ts";
export {
  type BlobOptions,
  type GitOptions,
  git,
  goJson,
  type HttpOptions,
  http,
  type ImageOptions,
  image,
  imageBlob,
  type LocalOptions,
  local,
  ociLayout,
  ociLayoutBlob,
  type StoreOptions,
  scratch,
  source,
} from "./source.ts";
export type { LinePosition, LineRange, SourceLocation, SourceMap } from "./source-map.ts";
export type { Position, SourceRange } from "./source-range.ts";
export { newVertex, type ProcessDefaults, type Run, type RunOptions, State, type VertexOptions } from "./state.ts";
export { build, diff, merge } from "./tree.ts";
export { unreachable } from "./unreachable.ts";
