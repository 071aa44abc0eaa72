/**
 * What a scanner is shown besides the result: stages and the build context, where BUILDKIT_SBOM_SCAN_STAGE and
 * BUILDKIT_SBOM_SCAN_CONTEXT say so.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`Dockerfile2LLB`, `isEnabledForStage`).
 */
import type { Output } from "../../../llb/index.ts";
import { parseBool } from "../text/number.ts";
import { reachableFrom } from "./reachable.ts";
import type { Session } from "./session.ts";
import type { Stage } from "./stage.ts";

export interface ScanTargets {
  /** By the name that the scanner sees: that of the stage, or `context`. */
  readonly extras: ReadonlyMap<string, Output | undefined>;
  /** Whether something of it was not to come from the cache. */
  readonly ignoreCache: boolean;
}

export function scanTargets({ globalArgs, mainContext }: Session, target: Stage): ScanTargets {
  const isEnabled = (stage: Stage, name: string) => {
    const value = stage.work.args.get(name) ?? globalArgs.get(name);
    return value !== undefined && (parseBool(value) ?? value.split(",").includes(stage.name));
  };
  const extras = new Map<string, Output | undefined>();
  let { ignoreCache } = target;
  if (isEnabled(target, "BUILDKIT_SBOM_SCAN_CONTEXT")) extras.set("context", mainContext);
  for (const stage of reachableFrom(target)) {
    if (stage === target || stage.from === undefined || !isEnabled(stage, "BUILDKIT_SBOM_SCAN_STAGE")) continue;
    extras.set(stage.name, stage.work.tree);
    ignoreCache ||= stage.ignoreCache;
  }
  return { extras, ignoreCache };
}
