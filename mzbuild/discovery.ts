/** Which images and compositions a repository has. docs/format.md, "Discovery". */
import { posix } from "node:path";
import { BuildError } from "../llb/index.ts";
import { sortedByCodePoint } from "./code-point-order.ts";
import type { Composition, Image } from "./image.ts";
import { parseImage } from "./image-config.ts";
import { didYouMean } from "./nearest-names.ts";
import type { FileListing, SourceTree } from "./source-tree.ts";

/** The only directory that is not searched. */
const SKIPPED = "misc/python/";

/**
 * Reads all images of the listing, in order of their directories. Throws `BuildError` for the first one that is broken,
 * "duplicate-image" with both places, "unknown-image" for an `MZFROM` of a name that no image has, unless `onUnknown` is
 * there to be told of each.
 */
export async function discoverImages(
  tree: SourceTree,
  listing: FileListing,
  onUnknown?: (mistake: BuildError, image: Image) => void,
): Promise<ReadonlyMap<string, Image>> {
  const configs = await existing(tree, candidates(listing, "mzbuild.yml"));
  const directories = configs.map((path) => posix.dirname(path));
  const contents = await tree.readFiles([...configs, ...directories.map((directory) => `${directory}/Dockerfile`)]);
  const images = new Map<string, Image>();
  for (const [index, directory] of directories.entries()) {
    const config = contents[index];
    if (config === undefined) {
      throw new BuildError("missing-file", `${directory}/mzbuild.yml cannot be read`, {
        hint: "it has to be a file, or a symbolic link that leads to one",
      });
    }
    const image = parseImage(directory, config, contents[directories.length + index]);
    const other = images.get(image.name);
    if (other !== undefined) {
      throw new BuildError(
        "duplicate-image",
        `image ${image.name} exists twice: in ${other.path} and in ${image.path}`,
        {
          at: [image.at, other.at],
          hint: "give one of them another name",
        },
      );
    }
    images.set(image.name, image);
  }
  const report = (mistake: BuildError, image: Image): void => {
    if (onUnknown === undefined) throw mistake;
    onUnknown(mistake, image);
  };
  checkReferences(images, report);
  return images;
}

/** Reads the compositions' directories. Throws `BuildError` "duplicate-composition". */
export async function discoverCompositions(tree: SourceTree, listing: FileListing): Promise<readonly Composition[]> {
  const compositions = new Map<string, Composition>();
  for (const file of await existing(tree, candidates(listing, "mzcompose.py"))) {
    const path = posix.dirname(file);
    const name = posix.basename(path);
    const other = compositions.get(name);
    if (other !== undefined) {
      throw new BuildError(
        "duplicate-composition",
        `composition ${name} exists twice: in ${other.path} and in ${path}`,
        {
          hint: "a composition is named after its directory: rename one of them",
        },
      );
    }
    compositions.set(name, { name, path });
  }
  return [...compositions.values()];
}

/** Sorted as whole paths, so that `a-b/mzbuild.yml` comes before `a/mzbuild.yml`. */
function candidates({ paths }: FileListing, file: string): readonly string[] {
  return sortedByCodePoint(paths.filter((path) => path.endsWith(`/${file}`) && !path.startsWith(SKIPPED)));
}

async function existing(tree: SourceTree, paths: readonly string[]): Promise<readonly string[]> {
  const states = await tree.statFiles(paths);
  return paths.filter((_, index) => states[index]?.status !== "absent");
}

function checkReferences(
  images: ReadonlyMap<string, Image>,
  report: (mistake: BuildError, image: Image) => void,
): void {
  for (const image of images.values()) {
    for (const { value, at } of image.mzfrom) {
      if (images.has(value)) continue;
      const hint = didYouMean(value, images.keys());
      const mistake = new BuildError("unknown-image", `image ${image.name} depends on non-existent image ${value}`, {
        at: [at],
        hint: hint ?? `no mzbuild.yml has \`name: ${value}\`; \`mzimage list\` prints all names`,
      });
      report(mistake, image);
    }
  }
}
