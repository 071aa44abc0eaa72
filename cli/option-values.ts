/** What options say, as commander hands it over: names in camel case, absent where nothing was said. */

/** Before the command: where the repository is, and how to talk. */
export interface GlobalOptions {
  /** `-C`, each taken from the one before, as git has it. */
  readonly C?: readonly string[];
  readonly root?: string;
  readonly debug?: boolean;
  /** Told where the repository is, as soon as that is known. */
  readonly onRoot?: (path: string) => void;
  /** Given what is to be done when the command is over, however it ends. */
  readonly atEnd?: (work: () => void) => void;
}

/** What is built of an image, and what it is called. */
export interface VariantFlags {
  readonly dev?: boolean;
  readonly optimized?: boolean;
  readonly release?: boolean;
  readonly coverage?: boolean;
  readonly sanitizer?: string;
  readonly arch?: string;
  readonly imageRegistry?: string;
  readonly imagePrefix?: string;
}

/** How and where to build. */
export interface BuildFlags extends VariantFlags {
  readonly buildkit?: string;
  readonly builder?: string;
  readonly progress?: string;
  readonly platform?: readonly string[];
  readonly output?: readonly string[];
  readonly secret?: readonly string[];
  readonly ssh?: readonly string[];
  readonly buildContext?: readonly string[];
  readonly buildArg?: readonly string[];
  readonly attest?: readonly string[];
  readonly cargoBuilder?: string;
  /** false with `--no-install`. */
  readonly install?: boolean;
  readonly quiet?: boolean;
}

/** How to run what is built, as `docker run` has it. */
export interface RunFlags extends BuildFlags {
  readonly publish?: readonly string[];
  readonly volume?: readonly string[];
  readonly env?: readonly string[];
}

/** Which images, besides the names. */
export interface SelectionFlags {
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Where acquired images go, and which caches help. */
export interface AcquireFlags extends BuildFlags, SelectionFlags {
  readonly load?: boolean;
  readonly push?: boolean;
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: readonly string[];
  readonly metadataFile?: string;
}

/** What is published, where, and under which tags besides. */
export interface PublishFlags extends BuildFlags, SelectionFlags {
  /** Registries and paths. */
  readonly to?: readonly string[];
  /** The version, or true for the one that CI names. */
  readonly tagRelease?: string | boolean;
  readonly tagMain?: boolean;
  readonly tagPullRequest?: boolean;
  /** In place of the version of a crate. */
  readonly appVersion?: string;
  readonly tag?: readonly string[];
  readonly moveTag?: readonly string[];
  readonly descriptions?: string;
  readonly dryRun?: boolean;
  /** false with `--no-build`. */
  readonly build?: boolean;
}
