/**
 * What lies in an image's context when its build starts: the files of the file set, then what each pre-image brings.
 * Ignored files are no part of it. docs/format.md, "Building an image".
 */
import type { CargoBuildPreImage } from "./image.ts";
import type { FileKind } from "./source-tree.ts";

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
