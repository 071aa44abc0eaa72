/**
 * What the build of an image sees, as a tree of the graph: its files out of the repository, and on top of them what its
 * pre-images bring. docs/format.md, "Building an image".
 *
 * The repository comes as one local source an image, narrowed to the very files that are needed, at their places in the
 * repository; so a context inside of BuildKit, which is the whole repository, gives the same operations.
 */
import { posix } from "node:path";
import { copy, local, type State, scratch } from "../llb/index.ts";
import type { BuildContext, ContextFile } from "./build-context.ts";
import { sortedByCodePoint } from "./code-point-order.ts";

/** The name under which the repository is offered to the daemon, as the build context is by every client of BuildKit. */
export const REPOSITORY_SOURCE = "context";

export interface ContextStateOptions {
  readonly image: string;
  readonly sessionId: string;
  /** Patterns of the context's ignore file; what they match is not in the context. */
  readonly ignored: readonly string[];
  /** What each `cargo-build` step brings, by its number among the context's steps: a tree to lay over the context. */
  readonly built: ReadonlyMap<number, State>;
}

/** The context as a tree whose root is the context directory. */
export function contextState(context: BuildContext, options: ContextStateOptions): State {
  const repository = repositorySource(context, options);
  const ownFiles = copy(repository, `/${context.directory}`, "/", {
    dirCopyContents: true,
    createDestPath: true,
    excludePatterns: options.ignored,
  });
  const stepFiles = context.steps.flatMap((step, index) => {
    const built = options.built.get(index);
    if (step.kind === "copy") return copiedFiles(repository, step.files);
    return built === undefined ? [] : [copy(built, "/", "/", { dirCopyContents: true, createDestPath: true })];
  });
  return scratch().file([ownFiles, ...stepFiles], { name: `[${options.image}] gather context` });
}

function repositorySource(context: BuildContext, { image, sessionId }: ContextStateOptions): State {
  const files = [...context.files, ...context.steps.flatMap((step) => (step.kind === "copy" ? step.files : []))];
  return local(REPOSITORY_SOURCE, {
    sessionId,
    includePatterns: sortedByCodePoint(new Set(files.map(({ source }) => source))).map(literalPattern),
    // Each image keeps a copy of its own in the daemon, so that building one doesn't make another's files travel again.
    sharedKeyHint: image,
    name: `[${image}] load files`,
  });
}

/** What a `copy` step brings. A link is replaced by the file behind it, so links are copied one by one. */
function copiedFiles(repository: State, files: readonly ContextFile[]): ReturnType<typeof copy>[] {
  const byOffset = new Map<string, ContextFile[]>();
  const links: ContextFile[] = [];
  for (const file of files) {
    const offset = file.kind === "link" ? undefined : offsetOf(file);
    if (offset === undefined) links.push(file);
    else byOffset.set(offset, [...(byOffset.get(offset) ?? []), file]);
  }
  const plain = [...byOffset].map(([offset, group]) => {
    const { from, to } = splitOffset(offset);
    return copy(repository, `/${from}`, `/${to}/`, {
      dirCopyContents: true,
      createDestPath: true,
      includePatterns: group.map(({ source }) => literalPattern(posix.relative(from, source))),
    });
  });
  const followed = links.map(({ source, path }) =>
    copy(repository, `/${source}`, `/${path}`, { followSymlink: true, createDestPath: true }),
  );
  return [...plain, ...followed];
}

const SEPARATOR = "\0";

/** Where a file comes from and goes to, without the part that both paths end in; undefined when they share no ending. */
function offsetOf({ source, path }: ContextFile): string | undefined {
  const from = source.split("/");
  const to = path.split("/");
  let shared = 0;
  while (shared < Math.min(from.length, to.length) && from.at(-1 - shared) === to.at(-1 - shared)) shared++;
  if (shared === 0) return undefined;
  return from.slice(0, from.length - shared).join("/") + SEPARATOR + to.slice(0, to.length - shared).join("/");
}

function splitOffset(offset: string): { readonly from: string; readonly to: string } {
  const [from = "", to = ""] = offset.split(SEPARATOR);
  return { from, to };
}

/** A pattern that matches just this path. Source of the syntax: moby/patternmatcher, Go's path/filepath `Match`. */
export function literalPattern(path: string): string {
  const escaped = path.replace(/[\\*?[\]]/g, "\\$&");
  // A leading "!" would negate, a leading "#" is no comment here.
  return escaped.startsWith("!") ? `\\${escaped}` : escaped;
}
