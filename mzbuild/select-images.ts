/** From what a command line names to images: names, patterns in the shell's manner, or all of them. docs/mzimage.md. */
import { BuildError } from "../llb/index.ts";
import { type Images, imageNamed } from "./graph.ts";
import { compileWildmatch } from "./wildmatch.ts";

export interface ImageSelection {
  /** Names, and patterns with `*`, `?` and `[…]`. */
  readonly names: readonly string[];
  readonly all?: boolean | undefined;
}

/**
 * Names of the selected images, each once: in the order in which they were named, those of a pattern in the order of their
 * directories. Throws `BuildError` "unknown-image" for a name that no image has and a pattern that none matches.
 */
export function selectImages(images: Images, { names, all }: ImageSelection): readonly string[] {
  const selected = new Set<string>();
  for (const name of names) for (const found of matches(images, name)) selected.add(found);
  if (all) for (const name of images.keys()) selected.add(name);
  return [...selected];
}

function matches(images: Images, text: string): readonly string[] {
  if (!/[*?[]/.test(text)) return [imageNamed(images, text).name];
  const test = compileWildmatch(text, { pathname: false, ignoreCase: false });
  const found = [...images.keys()].filter((name) => test?.(name));
  if (found.length > 0) return found;
  throw new BuildError("unknown-image", `no image matches the pattern ${text}`, {
    hint: "`mzimage list` prints the names of all images",
  });
}
