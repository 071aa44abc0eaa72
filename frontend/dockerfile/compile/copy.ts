/**
 * COPY and ADD: files of trees, of the web, of git, and written into the Dockerfile itself.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert_copy.go; messages as there.
 */
import { posix } from "node:path";
import {
  BuildError,
  type CopyAction,
  type CopyMode,
  cleanPath,
  joinDestination,
  newVertex,
  type Output,
  type VertexOptions,
} from "../../../llb/index.ts";
import { parseGitRef } from "../context/git-ref.ts";
import type { AddInstruction, CopyInstruction } from "../instruction.ts";
import { quote } from "../text/quote.ts";
import { copyMode } from "./chmod.ts";
import { contentSource } from "./copy-content.ts";
import { fileSource, lintIgnoredSource } from "./copy-files.ts";
import { gitCopySource, httpCopySource, isRemote } from "./copy-remote.ts";
import { addHistory, locationOf, nameSettings, type Scope } from "./instruction-scope.ts";
import { nextStepName, shownCommand, stepName } from "./names.ts";
import { emptyPlatform } from "./options.ts";
import { parseOwner } from "./owner.ts";
import { isAbsolute, normalizePath, stripDrive } from "./paths.ts";
import type { Stage } from "./stage.ts";
import { fileInput } from "./tree.ts";

/** What differs from one source of a COPY to the next. */
export type CopyPart = Pick<CopyAction, "source" | "from"> & Partial<CopyAction>;

export type CopyLike = CopyInstruction | AddInstruction;

export function compileCopy(scope: Scope, instruction: CopyLike): void {
  const [source] = instruction.kind === "copy" ? scope.sources : [];
  if (source !== undefined && !source.dispatched) {
    const from = instruction.kind === "copy" ? (instruction.from ?? "") : "";
    throw new BuildError(
      "stage-not-defined-yet",
      `cannot copy from stage ${quote(from)}, it needs to be defined before current stage ${quote(scope.stage.label)}`,
    );
  }
  const tree = source === undefined ? scope.session.mainContext : source.work.tree;
  copyInto(scope, instruction, tree, source === undefined);
  noteUsedPaths(scope, instruction, source);
}

function copyInto(scope: Scope, instruction: CopyLike, tree: Output | undefined, fromContext: boolean): void {
  const { stage } = scope;
  const os = stage.platform?.os ?? "";
  const destination = destinationPath(stage, instruction.dest.text, os);
  const mode = copyMode(instruction.chmod ?? "");
  const checksum = instruction.kind === "add" ? (instruction.checksum ?? "") : "";
  checkChecksum(checksum, instruction);
  const text = shownCommand(instruction.original, stage.work.env.variables, scope.session.lex);
  const name = nextStepName(stage, text, nameSettings(scope, stage.platform ?? emptyPlatform));
  const parts = copyParts(scope, instruction, { tree, fromContext, name, checksum, os });
  const owner = instruction.chown ? parseOwner(instruction.chown) : undefined;
  const shared = { destination, owner, mode, excludePatterns: instruction.exclude };
  writeFiles(scope, { instruction, name, text }, (base) => copyActions(base, parts, shared));
  addHistory(scope, `${copyHistory(instruction)} # buildkit`, true);
}

/** The paths that this instruction takes of other trees, so that no more is sent than what is needed. */
function noteUsedPaths(scope: Scope, instruction: CopyLike, source: Stage | undefined): void {
  const used = source === undefined ? scope.stage.contextPaths : source.paths;
  for (const { text } of instruction.sources) {
    const fromWeb = text.startsWith("http://") || text.startsWith("https://");
    if (instruction.kind === "copy" || !fromWeb) used.add(cleanPath(posix.join("/", text)));
  }
}

interface PartSettings {
  readonly tree: Output | undefined;
  readonly fromContext: boolean;
  readonly name: string;
  readonly checksum: string;
  readonly os: string;
}

function copyParts(scope: Scope, instruction: CopyLike, settings: PartSettings): CopyPart[] {
  const { name, checksum, os, tree } = settings;
  const parts = instruction.sources.map(({ text }): CopyPart => {
    const git = parseGitRef(text);
    if (git.kind === "invalid") throw new BuildError("bad-git-ref", git.message);
    if (git.kind === "git" && !git.ref.looksLocal)
      return gitCopySource(scope, instruction, git.ref, { name, checksum });
    if (text.startsWith("http://") || text.startsWith("https://")) {
      return httpCopySource(instruction, text, { name, checksum });
    }
    if (settings.fromContext) lintIgnoredSource(scope, instruction, text);
    return fileSource(instruction, text, tree, os);
  });
  return [...parts, ...instruction.contents.map((content) => contentSource(content, os))];
}

interface SharedParts {
  readonly destination: string;
  readonly owner: CopyAction["owner"];
  readonly mode: CopyMode;
  readonly excludePatterns: readonly string[];
}

function copyActions(base: Output | undefined, parts: readonly CopyPart[], shared: SharedParts): CopyAction[] {
  return parts.map((part, index) => ({
    kind: "copy",
    input: index === 0 ? fileInput(base) : { kind: "action", index: index - 1 },
    followSymlink: false,
    dirCopyContents: false,
    attemptUnpack: false,
    createDestPath: true,
    allowWildcard: false,
    allowEmptyWildcard: false,
    alwaysReplaceExistingDestPaths: false,
    includePatterns: [],
    requiredPaths: [],
    timestamp: undefined,
    ...shared,
    ...part,
  }));
}

interface WriteNames {
  readonly instruction: CopyLike;
  readonly name: string;
  readonly text: string;
}

/** The file op; with `--link` on a tree of its own, joined with that of the stage. */
function writeFiles(
  scope: Scope,
  { instruction, name, text }: WriteNames,
  actions: (base: Output | undefined) => CopyAction[],
): void {
  const { session, stage } = scope;
  const { work } = stage;
  const options: VertexOptions = { name, at: locationOf(scope), ...(stage.ignoreCache ? { ignoreCache: true } : {}) };
  const fileOp = (base: Output | undefined, more: VertexOptions): Output => ({
    vertex: newVertex({ kind: "file", base, actions: actions(base) }, undefined, { ...options, ...more }),
    index: 0,
  });
  const linked = instruction.link && !instruction.chmod && session.options.supports("mergeop");
  if (!linked) {
    work.tree = fileOp(work.tree, {});
    return;
  }
  const id = session.nextGroup();
  const copied = fileOp(undefined, { progressGroup: { id, name, weak: true } });
  if (work.tree === undefined) {
    work.tree = copied;
    return;
  }
  const settings = nameSettings(scope, stage.platform ?? emptyPlatform);
  const merged = newVertex({ kind: "merge", inputs: [work.tree, copied] }, undefined, {
    ...options,
    name: stepName(stage, `LINK ${text}`, settings),
    progressGroup: { id, name, weak: false },
  });
  work.tree = { vertex: merged, index: 0 };
}

/** Where files go: seen from the working directory, with its final slash. */
function destinationPath(stage: Stage, written: string, os: string): string {
  const path = inContext(() => stripDrive(written, os, true));
  const absolute = isAbsolute(path, os)
    ? normalizePath("/", path, os, true)
    : normalizePath(stage.work.dir, path === "." || path === "" ? "./" : path, os, true);
  return joinDestination("/", absolute);
}

function inContext(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.code, `removing drive letter: ${error.message}`);
  }
}

function checkChecksum(checksum: string, instruction: CopyLike): void {
  if (checksum === "") return;
  const [source, ...others] = instruction.sources;
  if (source === undefined || others.length > 0) {
    throw new BuildError("bad-checksum", "checksum can't be specified for multiple sources");
  }
  if (!isRemote(source.text)) throw new BuildError("bad-checksum", "checksum requires HTTP(S) or Git sources");
}

function copyHistory(instruction: CopyLike): string {
  const words = [instruction.kind === "add" ? "ADD" : "COPY"];
  if (instruction.kind === "copy" && instruction.parents) words.push("--parents");
  if (instruction.chown) words.push(`--chown=${instruction.chown}`);
  if (instruction.chmod) words.push(`--chmod=${instruction.chmod}`);
  words.push(...instruction.sources.map(({ text }) => text));
  words.push(...instruction.contents.map(({ path }) => `<<${path}`), instruction.dest.text);
  return words.join(" ");
}
