/**
 * The main context of a request, and where the Dockerfile is: directories of the client, a git repository, something from
 * the web, or trees handed over by another frontend.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/context.go (`initContext`); messages as there.
 */
import { BuildError, cleanPath, http, newVertex, type Output } from "../../../llb/index.ts";
import { looksLikeArchive } from "../compile/archive-time.ts";
import type { Questions } from "../compile/lookup.ts";
import { fileInput } from "../compile/tree.ts";
import type { Attributes } from "../options/build-options.ts";
import { parseBool } from "../text/number.ts";
import { detectGitContext } from "./git-context.ts";

export interface FoundContext {
  /** Where it comes from. */
  readonly kind: "local" | "git" | "web" | "inputs";
  /** The tree that COPY copies from; undefined for the directory that the client calls `localName`. */
  readonly tree: { readonly output: Output | undefined } | undefined;
  readonly localName: string;
  /** The tree that has the Dockerfile; undefined for the directory that the client calls `dockerfileName`. */
  readonly dockerfile: { readonly output: Output | undefined } | undefined;
  readonly dockerfileName: string;
  readonly filename: string;
}

export interface MainContextSettings {
  readonly opts: Attributes;
  readonly gitAdvice: boolean;
  /** Whether another frontend handed trees over. */
  readonly hasInputs: boolean;
  readonly questions: Questions;
}

const CONTEXT_NAME = "context";
const HEADER_BYTES = 1024;

/** Undefined while questions are open. Throws `BuildError` "bad-context". */
export function findMainContext(settings: MainContextSettings): FoundContext | undefined {
  const { opts } = settings;
  const base: FoundContext = {
    kind: "local",
    tree: undefined,
    localName: CONTEXT_NAME,
    dockerfile: undefined,
    dockerfileName: opts["dockerfilekey"] ?? "dockerfile",
    filename: opts["filename"] ?? "Dockerfile",
  };
  const found = findTrees(settings, opts[opts["contextkey"] ?? CONTEXT_NAME] ?? "", base);
  if (found?.tree === undefined) return found;
  const directory = opts["contextsubdir"];
  const scoped = directory === undefined ? found.tree : { output: subdirectory(found.tree.output, directory) };
  // With a directory of its own, the Dockerfile is not looked for in the context.
  return { ...found, tree: scoped, dockerfile: opts["dockerfilekey"] === undefined ? found.dockerfile : undefined };
}

function findTrees(settings: MainContextSettings, written: string, base: FoundContext): FoundContext | undefined {
  const { opts } = settings;
  const output = detectGitContext(written, {
    keepGitDir: parseBool(opts["build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR"] ?? "") === true,
    mtime: opts["build-arg:SOURCE_DATE_EPOCH"] ? "commit" : "",
    advice: settings.gitAdvice,
    questions: settings.questions,
  });
  if (settings.questions.open.length > 0) return undefined;
  if (output !== undefined) return { ...base, kind: "git", tree: { output }, dockerfile: { output } };
  if (/^https?:\/\//.test(written)) return fromWeb(settings, written, base);
  return settings.hasInputs ? fromInputs(settings, base) : base;
}

/** An archive is unpacked; anything else is the Dockerfile itself. */
function fromWeb({ questions }: MainContextSettings, url: string, base: FoundContext): FoundContext | undefined {
  const { output } = http(url, { filename: CONTEXT_NAME, name: "[internal] load remote build context" });
  if (output === undefined) return undefined;
  const answer = questions.ask({ kind: "files", output, paths: [CONTEXT_NAME], limit: HEADER_BYTES });
  if (answer === undefined) return undefined;
  const start = answer.kind === "files" ? answer.files.get(CONTEXT_NAME) : undefined;
  if (start === undefined) {
    const reason = answer.kind === "failed" ? answer.message : `open ${CONTEXT_NAME}: no such file or directory`;
    throw new BuildError("bad-context", `failed to read downloaded context: ${reason}`);
  }
  if (!looksLikeArchive(start))
    return { ...base, kind: "web", filename: CONTEXT_NAME, tree: { output }, dockerfile: { output } };
  const tree = { output: copied(output, `/${CONTEXT_NAME}`, { attemptUnpack: true }) };
  return { ...base, kind: "web", tree, dockerfile: tree };
}

function fromInputs({ questions }: MainContextSettings, base: FoundContext): FoundContext | undefined {
  const answer = questions.ask({ kind: "inputs" });
  if (answer === undefined) return undefined;
  if (answer.kind !== "inputs") {
    const reason = answer.kind === "failed" ? answer.message : "no inputs";
    throw new BuildError("bad-context", `failed to get frontend inputs: ${reason}`);
  }
  const input = (name: string) => (answer.inputs.has(name) ? { output: answer.inputs.get(name) } : undefined);
  return { ...base, kind: "inputs", tree: input(CONTEXT_NAME), dockerfile: input(base.dockerfileName) };
}

function subdirectory(tree: Output | undefined, directory: string): Output {
  return copied(tree, cleanPath(directory.startsWith("/") ? directory : `/${directory}`), { dirCopyContents: true });
}

function copied(
  tree: Output | undefined,
  from: string,
  options: { readonly attemptUnpack?: boolean; readonly dirCopyContents?: boolean },
): Output {
  const action = {
    kind: "copy",
    input: { kind: "scratch" },
    source: fileInput(tree),
    from,
    destination: "/",
    owner: undefined,
    mode: { kind: "keep" },
    followSymlink: false,
    dirCopyContents: options.dirCopyContents ?? false,
    attemptUnpack: options.attemptUnpack ?? false,
    createDestPath: false,
    allowWildcard: false,
    allowEmptyWildcard: false,
    alwaysReplaceExistingDestPaths: false,
    includePatterns: [],
    excludePatterns: [],
    requiredPaths: [],
    timestamp: undefined,
  } as const;
  return { vertex: newVertex({ kind: "file", base: undefined, actions: [action] }, undefined, {}), index: 0 };
}
