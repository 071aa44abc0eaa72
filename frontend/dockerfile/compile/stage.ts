/**
 * Stages as the compiler sees them: the graph between them, and what becomes of each while its instructions are
 * compiled. Both live for one compilation only.
 */
import type { Output, Platform } from "../../../llb/index.ts";
import type { NamedContext } from "../context/named-context.ts";
import type { ImageConfig } from "../image/image-config.ts";
import type { Command, FromInstruction } from "../instruction.ts";
import type { ConfigDraft } from "./config-draft.ts";
import type { Environment } from "./environment.ts";
import type { Located } from "./failure.ts";
import type { OutlineRecord } from "./outline-record.ts";

/** A stage and what it is connected with. */
export interface Stage {
  /** The FROM; undefined for a tree that a `--from` names without its being a stage. */
  readonly from: FromInstruction | undefined;
  /** In lower case; empty when it has none. */
  readonly name: string;
  /** How progress calls it: its name, or `stage-N`; empty when there is just one. */
  label: string;
  /** What FROM or `--from` names, variables expanded; in full once it has been looked up. */
  baseName: string;
  /** Where errors of the stage are. */
  readonly place: Located | undefined;
  /** The stage that this one begins with. */
  base: Stage | undefined;
  /** A named context that takes the place of the whole stage. */
  namedContext: NamedContext | undefined;
  commands: PlannedCommand[];
  /** The stages that instructions of this one copy or mount from, with the last such instruction. */
  readonly dependencies: Map<Stage, Located | undefined>;
  /** Instructions of a base image's ONBUILD have been added. */
  triggersAdded: boolean;
  /** From `--platform`; then that of the base. */
  platform: Platform | undefined;
  readonly ignoreCache: boolean;
  readonly steps: StepCounter;
  readonly outline: OutlineRecord;
  /** The base has been looked up for good. */
  resolved: boolean;
  /** Its tree can be used by others: it has been compiled, or there is nothing to compile. */
  dispatched: boolean;
  /** Paths that others use of it; shared by all stages that build on the same one. */
  paths: Set<string>;
  /** Paths that it uses of the main context. */
  readonly contextPaths: Set<string>;
  readonly work: StageWork;
}

export interface PlannedCommand {
  readonly command: Command;
  /** COPY: the one it copies from, or none. RUN: one for each mount. */
  readonly sources: readonly Stage[];
  readonly onbuild: boolean;
  /** Where errors and ops are: the instruction, or the FROM that brought a trigger in. */
  readonly place: Located;
}

/** Counts the steps of a stage for their names, `[2/5]`. */
export interface StepCounter {
  done: number;
  total: number;
}

/** What instructions change. */
export interface StageWork {
  tree: Output | undefined;
  /** The platform that processes run on; the target's when undefined. */
  treePlatform: Platform | undefined;
  env: Environment;
  dir: string;
  user: string;
  hostname: string;
  image: ConfigDraft;
  /** The config of the image that all began with. */
  baseImage: ImageConfig | undefined;
  /** All ARGs so far, those of the stages before included, in the order of their first appearance. */
  args: Map<string, string | undefined>;
  workdirSet: boolean;
  /** The last instruction of each kind that counts only once. */
  readonly last: Record<"cmd" | "entrypoint" | "healthcheck", Located | undefined>;
}
