/** The pre-image `copy`: files from elsewhere in the repository. docs/format.md, "Pre-image `type: copy`". */
import { posix } from "node:path";
import { copy, type State, scratch } from "../../llb/index.ts";
import type { ContextFile, ContextStep } from "../build-context.ts";
import { literalPattern } from "../literal-pattern.ts";
import type { PreImageKind, PreImageUse, RepositoryFiles } from "./pre-image-kind.ts";

export type CopyStep = Extract<ContextStep, { readonly kind: "copy" }>;

export interface CopyWorld {
  readonly files: RepositoryFiles;
}

export const copyKind: PreImageKind<CopyStep, CopyWorld> = {
  kind: "copy",
  compile: (uses, world) => uses.map((use) => copyTree(use, world)),
};

function copyTree({ image, step }: PreImageUse<CopyStep>, { files }: CopyWorld): State {
  if (step.files.length === 0) return scratch();
  const sources = files(
    step.files.flatMap(({ source, behind = [] }) => [source, ...behind]),
    { owner: image, what: "files to copy" },
  );
  const { from, to } = directoriesOf(step.files);
  const links = step.files.filter(({ kind }) => kind === "link");
  const others = step.files.filter(({ kind }) => kind !== "link");
  // What links lead to may lie there, too, and is no file of the step. A link must not be there when its file is put in its place.
  const includePatterns = links.length === 0 ? [] : others.map(({ source }) => literalPattern(below(from, source)));
  const whole = copy(sources, `/${from}`, `/${to}`, { dirCopyContents: true, createDestPath: true, includePatterns });
  const behind = links.map(({ source, path }) =>
    copy(sources, `/${source}`, `/${path}`, { followSymlink: true, createDestPath: true }),
  );
  const actions = others.length === 0 ? behind : [whole, ...behind];
  return scratch().file(actions, { name: `[${image}] copy ${from || "."} to ${to || "."}` });
}

function below(directory: string, path: string): string {
  return directory === "" ? path : path.slice(directory.length + 1);
}

/** The pair of directories of which one becomes the other: the outermost one that holds for every file. */
function directoriesOf(files: readonly ContextFile[]): { readonly from: string; readonly to: string } {
  let inner: { from: string; to: string } | undefined;
  for (const { source, path } of files) {
    let [from, to] = [source, path];
    do [from, to] = [parentOf(from), parentOf(to)];
    while (from !== "" && to !== "" && posix.basename(from) === posix.basename(to));
    if (inner === undefined || from.length > inner.from.length) inner = { from, to };
  }
  return inner ?? { from: "", to: "" };
}

function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === "." ? "" : parent;
}
