/** All configuration of a repository: settings, images, compositions, the Cargo workspace. */
import type { BuildError } from "../llb/index.ts";
import { readWorkspace, type Workspace } from "./cargo/workspace.ts";
import { discoverCompositions, discoverImages } from "./discovery.ts";
import type { Images } from "./graph.ts";
import type { Composition, Image } from "./image.ts";
import { parseSettings } from "./settings/parse-settings.ts";
import { NO_SETTINGS, SETTINGS_FILE, type Settings } from "./settings/settings.ts";
import type { SourceTree } from "./source-tree.ts";

export interface Declarations {
  readonly settings: Settings;
  /** By name, in the order of their directories, which is that of `mzimage list`. */
  readonly images: Images;
  /** In the order of their directories. */
  readonly compositions: readonly Composition[];
  /** Undefined without a `Cargo.toml` at the root. */
  readonly workspace: Workspace | undefined;
}

/** Throws `BuildError` for the first that is broken. `onUnknown` is told of each `MZFROM` that names no image, which then is no error. */
export async function readDeclarations(
  tree: SourceTree,
  onUnknown?: (mistake: BuildError, image: Image) => void,
): Promise<Declarations> {
  const listing = await tree.listFiles();
  const [[settingsBytes], workspace, images, compositions] = await Promise.all([
    tree.readFiles([SETTINGS_FILE]),
    readWorkspace(tree),
    discoverImages(tree, listing, onUnknown),
    discoverCompositions(tree, listing),
  ]);
  const settings = settingsBytes === undefined ? NO_SETTINGS : parseSettings(settingsBytes);
  return { settings, workspace, images, compositions };
}

/** The builder of Cargo programs, if the settings name an image of this repository. */
export function builderImage({ settings, images }: Pick<Declarations, "settings" | "images">): Image | undefined {
  return settings.builder === undefined ? undefined : images.get(settings.builder.value);
}
