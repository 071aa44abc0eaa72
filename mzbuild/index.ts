/**
 * A repository of images, and everything that is true of it without a daemon: which images it has, how they depend on each
 * other, what their inputs and fingerprints are, what has to be built.
 *
 *     const tree = gitWorkTree("/path/to/repository", { env: process.env });
 *     const repository = await openRepository(tree);
 *     const variant = variantOf({}, { env: process.env, hostArchitecture: process.arch });
 *     const fingerprints = await repository.fingerprints(["app"], variant);
 */
export { buildArgsOf, isForeignBuildArg, ownBuildArgs } from "./build-args.ts";
export type { BuildContext, ContextFile, ContextStep } from "./build-context.ts";
export { buildLevels } from "./build-levels.ts";
export { builderState } from "./builder-state.ts";
export type { CargoSources } from "./cargo/sources.ts";
export { type Crate, crateOwners, type Workspace } from "./cargo/workspace.ts";
export { checkImage, type ImageCheck } from "./check-image.ts";
export { compareCodePoints, sortedByCodePoint } from "./code-point-order.ts";
export { type BuildArgDifference, compareBuildArgs } from "./compare-build-args.ts";
export {
  explainDifference,
  type ImageDifference,
  type InputDifference,
  type Manifests,
} from "./compare-manifests.ts";
export { filesOfClient, filesOfTree, REPOSITORY_SOURCE } from "./context-state.ts";
export * from "./dazzle/index.ts";
export {
  type Fingerprint,
  fingerprintBytes,
  fingerprintOf,
  type InputDependency,
  type InputFile,
  type InputManifest,
  ownDigest,
} from "./fingerprint.ts";
export { gitCommitTree } from "./git/commit-tree.ts";
export { type HashCache, hashCache } from "./git/hash-cache.ts";
export type { FileHasher } from "./git/hash-files.ts";
export { type LastChange, lastChanges } from "./git/last-changes.ts";
export { type ListedFile, listDirectory } from "./git/list-directory.ts";
export { listMatching } from "./git/list-matching.ts";
export { gitTags, headCommit } from "./git/read-references.ts";
export { rootProbe } from "./git/root-probe.ts";
export { wholeDirectoryRules } from "./git/whole-directory-rules.ts";
export { gitTopLevel, gitWorkTree, type WorkTreeOptions } from "./git/work-tree.ts";
export { type Images, resolveImages, transitiveDependencies } from "./graph.ts";
export { layOut, type Placed } from "./graph-layout.ts";
export type {
  CargoBuildPreImage,
  CargoExtract,
  Composition,
  CopyPreImage,
  Image,
  Located,
  PreImage,
} from "./image.ts";
export { nameInConfig } from "./image-config.ts";
export { type ImageGraphRequest, type ImageGraphRound, imageGraph } from "./image-graph.ts";
export { type ImageSources, imageSources } from "./image-sources.ts";
export { type KeptInputs, readInputRecord, writeInputRecord } from "./input-record.ts";
export { renderMzfrom, scanMzfrom } from "./mzfrom.ts";
export { didYouMean, nearestNames } from "./nearest-names.ts";
export { compilePathspec, type PathMatcher } from "./pathspec.ts";
export {
  type BuildReason,
  explainReason,
  type Lookup,
  type Plan,
  type PlanQuestion,
  type PlanStep,
  planBuild,
} from "./plan.ts";
export {
  CA_SECRET,
  type CargoWorld,
  type RepositoryFiles,
  readStepFailure,
  STEP_FAILURE_LINE,
  type StepFailure,
} from "./pre-image/index.ts";
export { crateVersion } from "./publish/crate-version.ts";
export { type Occasion, takesVersionTags, type VersionTag, versionTags } from "./publish/version-tags.ts";
export {
  type RegistryImage,
  type RegistryImageQuestion,
  registryImage,
  registryImageLookup,
} from "./registry-image.ts";
export { openRepository, type Repository } from "./repository.ts";
export { repositoryId } from "./repository-id.ts";
export { findRoot, type RepositoryRoot, type RootProbe, type RootQuestion } from "./root.ts";
export { type ImageSelection, selectImages } from "./select-images.ts";
export { parseSettings } from "./settings/parse-settings.ts";
export {
  type BaseImage,
  type CargoAccess,
  type CargoFlags,
  type CargoSettings,
  type ComposeSettings,
  cargoFlagsOf,
  MATERIALIZE_VOLUMES,
  NO_ACCESS,
  NO_SETTINGS,
  type PublishSettings,
  type SccacheSettings,
  SETTINGS_FILE,
  type Settings,
} from "./settings/settings.ts";
export type {
  DirectoryEntry,
  FileKind,
  FileListing,
  FileOrigin,
  FileStatus,
  HashedFile,
  SourceTree,
  UnreadableReason,
} from "./source-tree.ts";
export { imageReference, type Naming, type NamingOptions, namingOf, specOf } from "./spec.ts";
export {
  type Architecture,
  type Environment,
  formatVariant,
  isTruthy,
  PROFILES,
  type Profile,
  parseArchitecture,
  parseSanitizer,
  platformOf,
  SANITIZERS,
  type Sanitizer,
  type Variant,
  type VariantDefaults,
  type VariantOptions,
  variantOf,
} from "./variant.ts";
export type { PlainValue } from "./yaml/plain-value.ts";
