/**
 * What a kind of pre-image is: it turns the steps of one kind, of all images of a solve together, into file trees. Together,
 * so that it can do once what several images need, as Cargo builds do.
 */
import type { SourceMap, State } from "../../llb/index.ts";
import type { BuildContext } from "../build-context.ts";

/** One step of one image. */
export interface PreImageUse<Step> {
  readonly image: string;
  /** The image's mzbuild.yml, for the places of vertices. */
  readonly declaration: SourceMap;
  readonly context: BuildContext;
  readonly step: Step;
}

/** `World` is what the kind needs to know besides its steps. */
export interface PreImageKind<Step extends { readonly kind: string }, World> {
  /** As `type` in mzbuild.yml. */
  readonly kind: Step["kind"];
  /**
   * For each use, in order, a tree with the files that it puts into the image's context, at their paths in the context.
   * Pure. Throws `BuildError` for steps that cannot be done, at their places in mzbuild.yml.
   */
  readonly compile: (uses: readonly PreImageUse<Step>[], world: World) => readonly State[];
}

/** A tree with exactly these files of the repository, at their paths from the root; of a symbolic link, also what it points to. */
export type RepositoryFiles = (paths: readonly string[], purpose: FilePurpose) => State;

/**
 * What files are for, the same in every build: the daemon keeps what was transferred for a purpose, and only has it brought up
 * to date the next time. `owner` is an image or "cargo", as in the names of vertices.
 */
export interface FilePurpose {
  readonly owner: string;
  readonly what: string;
}
