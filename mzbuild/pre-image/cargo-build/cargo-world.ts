/** What the pre-image `cargo-build` needs to know of the repository, the solve and the machine that compiles. */
import type { SecretEnv, State } from "../../../llb/index.ts";
import type { CargoSources } from "../../cargo/sources.ts";
import type { Workspace } from "../../cargo/workspace.ts";
import type { CargoFlags } from "../../settings/settings.ts";
import type { Architecture, Variant } from "../../variant.ts";
import type { RepositoryFiles } from "../pre-image-kind.ts";

export interface CargoWorld {
  /** The image with the toolchain, on the platform that compiles, with the image's environment. */
  readonly builder: State;
  /**
   * Names the content of the builder: its fingerprint or digest. Artefacts of another toolchain are never used, so it should
   * stay the same as long as the builder does.
   */
  readonly builderKey: string;
  readonly buildArchitecture: Architecture;
  /** What is built, and for which architecture. */
  readonly variant: Variant;
  /** Names the repository among all that the daemon serves. Two checkouts of one repository can share it. */
  readonly repositoryId: string;
  readonly workspace: Workspace;
  /** Of all steps together. */
  readonly sources: CargoSources;
  readonly flags: CargoFlags;
  readonly files: RepositoryFiles;
  readonly credentials?: CargoCredentials;
}

/** For private registries and repositories. They are given to the fetch alone, and are in no layer and no cache key. */
export interface CargoCredentials {
  /** `CARGO_REGISTRIES_NAME_TOKEN` and their like, by the ids of the client's secrets. */
  readonly secretEnv: readonly SecretEnv[];
  /** Id of the client's ssh agent, where git dependencies need it. */
  readonly sshAgent: string | undefined;
}

/** Secret of the client with certificates to trust; it may be missing. */
export const CA_SECRET = "mzbuild.ca";
