/** What a compilation is told besides the file. */
import type { BuildError, Output, Platform, SourceMap } from "../../../llb/index.ts";
import type { ImageConfig } from "../image/image-config.ts";
import type { Attributes, BuildOptions } from "../options/build-options.ts";

export interface CompileOptions {
  readonly build: BuildOptions;
  /** What the result is for; undefined means the worker's platform, unless the base image has another that it can run. */
  readonly targetPlatform: Platform | undefined;
  readonly mainContext: MainContext;
  /** The attributes of the request, for named contexts. */
  readonly opts: Attributes;
  /** The session that local directories are read from. */
  readonly sessionId: string;
  /** The file as the daemon's errors show it. */
  readonly source: SourceMap;
  /** Whether the solver has an LLB capability, by its name in pb.Caps. */
  readonly supports: (capability: string) => boolean;
  /** The images of the repository that MZFROM and `--from` can name. */
  readonly images?: ReadonlyMap<string, RepositoryImage>;
  /** Goes in front of all names of steps, to tell several files of one graph apart. */
  readonly label?: string;
  /** Nothing is built: what would only be found when the graph is sent is not looked for. */
  readonly forInformation?: boolean;
  /** Compile every stage, not just those the target needs: for checks. */
  readonly allStages?: boolean;
  /** Is told what is wrong with an instruction, which then does nothing; when left out, the first such error is thrown. */
  readonly onMistake?: (mistake: BuildError) => void;
}

/** Where COPY without `--from` copies from. */
export type MainContext =
  | {
      readonly kind: "local";
      readonly name: string;
      /**
       * Patterns of the ignore file; undefined while it has not been read, which holds the compilation up. An error is
       * thrown once instructions are compiled.
       */
      readonly excludePatterns: readonly string[] | BuildError | undefined;
    }
  | { readonly kind: "tree"; readonly output: Output | undefined };

/** An image of the repository: one that is in a registry already, or the graph that builds it. */
export type RepositoryImage =
  | { readonly kind: "reference"; readonly reference: string }
  | { readonly kind: "state"; readonly output: Output | undefined; readonly config: ImageConfig };

export const emptyPlatform: Platform = { os: "", architecture: "", variant: "", osVersion: "", osFeatures: [] };
