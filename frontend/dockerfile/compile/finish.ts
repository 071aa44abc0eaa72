/**
 * The end of a compilation: labels of the request, the platform that was asked for, and the paths of local sources.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`finalizeResultImage`).
 */
import { normalizePlatform, type Output, type Platform } from "../../../llb/index.ts";
import type { ImageConfig } from "../image/image-config.ts";
import type { CheckOptions } from "../lint/check-options.ts";
import { checkWarnings, type LintWarning } from "../lint/linter.ts";
import { checkGraph } from "./check-graph.ts";
import { finishDraft } from "./config-draft.ts";
import { type ScanTargets, scanTargets } from "./scan-targets.ts";
import type { Session } from "./session.ts";
import type { Epoch } from "./source-date-epoch.ts";
import type { Stage } from "./stage.ts";

export interface CompiledDockerfile {
  readonly kind: "done";
  /** The tree of the target; undefined is scratch. */
  readonly output: Output | undefined;
  readonly config: ImageConfig;
  /** The config of the image that the target began with, as it was found. */
  readonly baseConfig: ImageConfig | undefined;
  readonly epoch: Epoch | undefined;
  /** For bills of materials. */
  readonly scan: ScanTargets;
  readonly warnings: readonly LintWarning[];
  /** For the outline. */
  readonly target: Stage;
}

/** Throws `BuildError` "lint-violation", or for a graph that can't be. */
export function finish(session: Session, target: Stage, check: CheckOptions): CompiledDockerfile {
  const { image, tree, baseImage } = target.work;
  const { labels } = session.options.build;
  for (const [key, value] of labels) image.labels.set(key, value);
  checkWarnings(check, session.linter.warnings);
  session.deferred.fill();
  const isSuspect = session.emptyCommands.length > 0 || !session.isText;
  if (isSuspect && session.options.forInformation !== true) checkGraph(tree);
  image.platform = normalizePlatform(
    session.implicitTarget ? image.platform : targetedPlatform(image.platform, session.targetPlatform),
  );
  return {
    kind: "done",
    output: tree,
    config: finishDraft(image),
    baseConfig: baseImage,
    epoch: session.epoch,
    scan: scanTargets(session, target),
    warnings: session.linter.warnings,
    target,
  };
}

/** What was asked for, with the details of the image's own platform where it is the same machine. */
function targetedPlatform(image: Platform, target: Platform): Platform {
  const same = target.os === image.os && target.architecture === image.architecture;
  return {
    os: target.os,
    architecture: target.architecture,
    variant: target.variant !== "" || !same ? target.variant : image.variant,
    osVersion: target.osVersion !== "" || !same ? target.osVersion : image.osVersion,
    osFeatures: target.osFeatures.length > 0 ? target.osFeatures : image.osFeatures,
  };
}
