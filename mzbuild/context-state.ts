/**
 * What the build of an image sees, as a tree of the graph: its files out of the repository, and over them what its
 * pre-images bring. docs/format.md, "Building an image".
 */
import { copy, local, type State, scratch } from "../llb/index.ts";
import type { BuildContext } from "./build-context.ts";
import { sortedByCodePoint } from "./code-point-order.ts";
import { literalPattern } from "./literal-pattern.ts";
import type { RepositoryFiles } from "./pre-image/index.ts";

/** The name under which the repository is offered to the daemon, as clients of BuildKit offer the build context. */
export const REPOSITORY_SOURCE = "context";

/**
 * Files of a repository that a client offers. The daemon keeps one copy of them for each purpose, so that a build of one image
 * doesn't make the files of another travel again.
 */
export function filesOfClient(sessionId: string): RepositoryFiles {
  return (paths, { owner, what }) => {
    // Without a pattern, a client would send all it has.
    if (paths.length === 0) return scratch();
    return local(REPOSITORY_SOURCE, {
      sessionId,
      includePatterns: patternsOf(paths),
      sharedKeyHint: `${owner} ${what}`,
      name: `[${owner}] load ${what}`,
    });
  };
}

/** Files of a repository that is a tree of the graph. */
export function filesOfTree(repository: State): RepositoryFiles {
  return (paths, { owner, what }) => {
    if (paths.length === 0) return scratch();
    const options = { dirCopyContents: true, includePatterns: patternsOf(paths) };
    return scratch().file([copy(repository, "/", "/", options)], { name: `[${owner}] load ${what}` });
  };
}

function patternsOf(paths: readonly string[]): readonly string[] {
  return sortedByCodePoint(new Set(paths)).map(literalPattern);
}

export interface ContextStateOptions {
  readonly image: string;
  readonly files: RepositoryFiles;
  /** Patterns of the context's ignore file; what they match does not get into the context. */
  readonly ignored: readonly string[];
  /** What each pre-image brings, in their order: trees to lay over the context. */
  readonly preImages: readonly State[];
}

/** The context as a tree whose root is the context directory. */
export function contextState(context: BuildContext, { image, files, ignored, preImages }: ContextStateOptions): State {
  const repository = files(
    context.files.map(({ source }) => source),
    { owner: image, what: "files" },
  );
  const layers = [
    { tree: repository, from: `/${context.directory}` },
    ...preImages.map((tree) => ({ tree, from: "/" })),
  ];
  return scratch().file(
    layers.map(({ tree, from }) =>
      copy(tree, from, "/", {
        dirCopyContents: true,
        createDestPath: true,
        alwaysReplaceExistingDestPaths: true,
        excludePatterns: ignored,
      }),
    ),
    { name: `[${image}] gather context` },
  );
}
