/** What options of mzdazzle say, as commander hands it over. */

/** Of every command. */
export interface DazzleGlobals {
  /** The project's directory, instead of the current one. */
  readonly context?: string;
  /** The engine's address. */
  readonly addr?: string;
  readonly verbose?: boolean;
  readonly debug?: boolean;
}

/** How and where to build. */
export interface DazzleBuildFlags extends DazzleGlobals {
  readonly builder?: string;
  readonly install?: boolean;
  readonly progress?: string;
  readonly plainOutput?: boolean;
  readonly platform?: readonly string[];
  readonly secret?: readonly string[];
  readonly ssh?: readonly string[];
  readonly buildContext?: readonly string[];
  readonly testTimeout?: string;
  readonly strict?: boolean;
}
