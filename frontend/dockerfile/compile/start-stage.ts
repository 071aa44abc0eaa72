/** Gives a stage the tree and config that it begins with. */
import { normalizePlatform, type Output, type Platform } from "../../../llb/index.ts";
import type { ImageConfig } from "../image/image-config.ts";
import { draftOf } from "./config-draft.ts";
import type { Stage } from "./stage.ts";

/** Begins a stage with a tree and the config that came with it. */
export function startFrom(stage: Stage, tree: Output | undefined, platform: Platform, image: ImageConfig): void {
  const { work } = stage;
  work.tree = tree;
  work.treePlatform = normalized(platform);
  work.image = draftOf(image);
  work.baseImage = image;
  stage.platform = platform;
}

export function normalized(platform: Platform | undefined): Platform | undefined {
  return platform === undefined ? undefined : normalizePlatform(platform);
}
