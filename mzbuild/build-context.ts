/**
 * What lies in an image's context when its build starts: the files of the file set, then what each pre-image brings.
 * Ignored files are no part of it. docs/format.md, "Building an image".
 */
import { posix } from "node:path";
import { compareCodePoints } from "./code-point-order.ts";
import { pathsBelow, type SortedPaths } from "./file-set.ts";
import type { CargoBuildPreImage, Image } from "./image.ts";
import { type CopiedFile, copiedFiles } from "./inputs.ts";
import type { FileKind, SourceTree } from "./source-tree.ts";
import { notCheckedOut, unreadableInput } from "./unreadable-input.ts";

export interface BuildContext {
  /** The context directory, relative to the root. */
  readonly directory: string;
  /**
   * The file set below the directory, those in contexts further inside included (they are inputs of these alone, yet the build
   * sees them); sorted by code point.
   */
  readonly files: readonly ContextFile[];
  /** In order; a later one replaces what an earlier one, or the file set, has under the same path. */
  readonly steps: readonly ContextStep[];
}

export interface ContextFile {
  /** Relative to the context. */
  readonly path: string;
  /** Relative to the root. */
  readonly source: string;
  /** A link is handed to the build as a link. */
  readonly kind: FileKind;
  /** Of a link: as in `FileStatus`. */
  readonly behind?: readonly string[];
}

export type ContextStep =
  /** Here a link stands for the file behind it: what arrives is a regular file with that file's permissions. */
  | { readonly kind: "copy"; readonly files: readonly ContextFile[] }
  | { readonly kind: "cargo-build"; readonly step: CargoBuildPreImage };

/**
 * What of the listing is in the image's context. Throws the image's deferred faults, and `BuildError` "unreadable-input",
 * "not-checked-out" for files that git keeps from the disk.
 */
export async function buildContext(tree: SourceTree, image: Image, listing: SortedPaths): Promise<BuildContext> {
  for (const step of image.preImages) if (step.fault !== undefined) throw step.fault;
  const own = pathsBelow(listing, image.path).map((source) => ({ source, path: posix.relative(image.path, source) }));
  const steps = image.preImages.map(async (step) => {
    if (step.kind === "cargo-build") return { kind: step.kind, step };
    return { kind: step.kind, files: await contextFiles(tree, image, copiedFiles(listing, step)) };
  });
  return { directory: image.path, files: await contextFiles(tree, image, own), steps: await Promise.all(steps) };
}

async function contextFiles(
  tree: SourceTree,
  image: Image,
  files: readonly CopiedFile[],
): Promise<readonly ContextFile[]> {
  const states = await tree.statFiles(files.map(({ source }) => source));
  const present = files.flatMap((file, index): readonly ContextFile[] => {
    const state = states[index];
    if (state === undefined || state.status === "absent") return [];
    if (state.status === "unreadable") throw unreadableInput(image, file.source, state.reason);
    if (state.origin === "index") throw notCheckedOut(image, file.source, state.missing);
    return [{ ...file, kind: state.kind, ...(state.behind === undefined ? {} : { behind: state.behind }) }];
  });
  return present.sort((a, b) => compareCodePoints(a.path, b.path));
}
