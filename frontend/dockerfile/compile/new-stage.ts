/** Stages before anything has happened to them. */
import { emptyDraft } from "./config-draft.ts";
import { newEnvironment } from "./environment.ts";
import type { Located } from "./failure.ts";
import { emptyPlatform } from "./options.ts";
import { newOutlineRecord } from "./outline-record.ts";
import type { Stage, StageWork } from "./stage.ts";

type StageParts = Pick<
  Stage,
  | "from"
  | "name"
  | "label"
  | "baseName"
  | "place"
  | "namedContext"
  | "platform"
  | "commands"
  | "ignoreCache"
  | "outline"
>;

export function newStage(parts: StageParts): Stage {
  const { from, name, label, baseName, place, namedContext, platform, commands, ignoreCache, outline } = parts;
  return {
    from,
    name,
    label,
    baseName,
    place,
    base: undefined,
    namedContext,
    commands,
    dependencies: new Map(),
    triggersAdded: false,
    platform,
    ignoreCache,
    steps: { done: 0, total: 0 },
    outline,
    resolved: false,
    dispatched: false,
    paths: new Set(),
    contextPaths: new Set(),
    work: newStageWork(),
  };
}

/** The tree that a `--from` names when no stage has that name. */
export function implicitStage(baseName: string, place?: Located): Stage {
  return newStage({
    from: undefined,
    name: "",
    label: "",
    baseName,
    place,
    namedContext: undefined,
    platform: undefined,
    commands: [],
    ignoreCache: false,
    outline: newOutlineRecord(new Map()),
  });
}

/** A tree that is no stage of the file. */
export function isImplicit(stage: Stage): boolean {
  return stage.from === undefined;
}

function newStageWork(): StageWork {
  return {
    tree: undefined,
    treePlatform: undefined,
    env: newEnvironment(),
    dir: "/",
    user: "",
    hostname: "",
    image: emptyDraft(emptyPlatform),
    baseImage: undefined,
    args: new Map(),
    workdirSet: false,
    last: { cmd: undefined, entrypoint: undefined, healthcheck: undefined },
  };
}
