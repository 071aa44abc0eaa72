/**
 * The stages of a compilation: those of the file, then the trees that a `--from` names without their being stages.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`dispatchStates`).
 */
import { BuildError } from "../../../llb/index.ts";
import { toLower } from "../text/unicode.ts";
import type { Stage } from "./stage.ts";

export interface StageList {
  readonly all: readonly Stage[];
  /** Adds a stage; if its base is a stage that is there already, it builds on that. */
  readonly add: (stage: Stage) => void;
  /** Names are found in any case; the last of that name wins. */
  readonly byName: (name: string) => Stage | undefined;
  /** As FROM finds its base: in the case it was written. */
  readonly byExactName: (name: string) => Stage | undefined;
  /** Throws `BuildError` "unknown-stage". */
  readonly byIndex: (index: number) => Stage;
  /** How the stages are called, for suggestions. */
  readonly labels: () => string[];
}

export function newStageList(): StageList {
  const all: Stage[] = [];
  const named = new Map<string, Stage>();
  return {
    all,
    add: (stage) => {
      all.push(stage);
      // MZFROM names an image, whatever stages there are.
      const base = stage.from?.baseKind === "mzimage" ? undefined : named.get(stage.baseName);
      if (base !== undefined) for (const key of base.outline.used) stage.outline.used.add(key);
      // A named context takes the place of the stage, base and all.
      stage.base = stage.namedContext === undefined ? base : undefined;
      if (stage.name !== "") named.set(toLower(stage.name), stage);
    },
    byName: (name) => named.get(toLower(name)),
    byExactName: (name) => named.get(name),
    byIndex: (index) => {
      const stage = all[index];
      if (stage === undefined) throw new BuildError("unknown-stage", `invalid stage index ${index}`);
      return stage;
    },
    labels: () => all.map((stage) => stage.label).filter((label) => label !== ""),
  };
}
