/** dazzle projects: everything that is true of them without a daemon or a registry. docs/dazzle.md. */
export { type ChunkHashes, chunkHashes, type HashOptions } from "./chunk-hash.ts";
export { BASE_REF_ANNOTATION, chunkedImage, type StoredImage } from "./chunked-image.ts";
export type { Combination } from "./combinations.ts";
export { combineImages } from "./combine-images.ts";
export { type Conflict, describeConflicts, findConflicts, type WrittenFiles } from "./conflicts.ts";
export { highwayHashOf } from "./highway-hash.ts";
export { ignoreList } from "./ignore-list.ts";
export {
  baseName,
  checkTag,
  chunkImageName,
  formatImageName,
  type ImageName,
  type NamingContext,
} from "./image-names.ts";
export { listSources } from "./list-sources.ts";
export { mergeEnv } from "./merge-env.ts";
export {
  formatConfig,
  formatIndex,
  formatManifest,
  INDEX_TYPE,
  MANIFEST_TYPE,
  type OciConfig,
  type OciContainerConfig,
  type OciDescriptor,
  type OciImage,
  type OciManifest,
  type OciPlatform,
} from "./oci-image.ts";
export { type Chunk, chunkNamed, loadProject, type Project } from "./project.ts";
export {
  type CombinationEntry,
  type EnvVarRule,
  PROJECT_FILE,
  type ProjectConfig,
  readProjectConfig,
} from "./project-config.ts";
export { diskFiles, type ProjectFiles } from "./project-files.ts";
export { type OciIndex, readConfig, readManifest } from "./read-image.ts";
export { rebaseEnv } from "./rebase-env.ts";
export { parseTarget, type TargetRepository } from "./target-reference.ts";
export { PASSED } from "./test-result.ts";
export { readTests, type TestSpec } from "./test-spec.ts";
export { writeProjectConfig, writeTests } from "./yaml-writer.ts";
