/** What the pre-image `cargo-build` needs to know of the repository, the solve and the machine that compiles. */
import type { State } from "../../../llb/index.ts";
import type { CargoSources } from "../../cargo/sources.ts";
import type { Workspace } from "../../cargo/workspace.ts";
import type { CargoAccess, CargoFlags } from "../../settings/settings.ts";
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
  readonly access: CargoAccess;
}

/** Secret of the client with certificates to trust; it may be missing. */
export const CA_SECRET = "mzbuild.ca";
