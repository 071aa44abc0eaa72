/**
 * Reads the Dockerfile of a request, and the ignore file that goes with it.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/config.go (`ReadEntrypoint`, `dockerIgnorePatterns`); messages as there.
 */
import { posix } from "node:path";
import { BuildError, local, type Output, type SourceMap } from "../../../llb/index.ts";
import type { Questions } from "../compile/lookup.ts";
import type { FoundContext } from "../context/main-context.ts";
import { readIgnoreFile } from "../ignore/index.ts";
import type { Attributes } from "../options/build-options.ts";
import { decodeText } from "../text/bytes.ts";

export interface Entrypoint {
  readonly source: SourceMap;
  /** The ignore file beside the Dockerfile, `NAME.dockerignore`; it goes before that of the context. */
  readonly ignoreFile: Uint8Array | undefined;
}

export interface EntrypointSettings {
  readonly opts: Attributes;
  readonly sessionId: string;
  readonly questions: Questions;
}

const DEFAULT_NAME = "Dockerfile";
const CONTEXT_IGNORE_FILE = ".dockerignore";

/** Undefined while the question is open. Throws `BuildError` "no-dockerfile". */
export function readEntrypoint(settings: EntrypointSettings, context: FoundContext): Entrypoint | undefined {
  const { filename } = context;
  const ignoreName = `${filename}${CONTEXT_IGNORE_FILE}`;
  const lowerCase = posix.join(posix.dirname(filename), DEFAULT_NAME.toLowerCase());
  // `dockerfile` is found as well.
  const paths = [filename, ignoreName, ...(posix.basename(filename) === DEFAULT_NAME ? [lowerCase] : [])];
  const origin = context.dockerfile === undefined ? localFile(settings, context, paths) : context.dockerfile.output;
  if (origin === undefined) throw new BuildError("no-dockerfile", "failed to read dockerfile: the context is empty");
  const answer = settings.questions.ask({ kind: "files", output: origin, paths, limit: undefined });
  if (answer === undefined) return undefined;
  const files: ReadonlyMap<string, Uint8Array> = answer.kind === "files" ? answer.files : new Map();
  const data = files.get(filename) ?? files.get(lowerCase);
  if (data === undefined) {
    const reason = answer.kind === "failed" ? answer.message : `open ${filename}: no such file or directory`;
    throw new BuildError("no-dockerfile", `failed to read dockerfile: ${reason}`);
  }
  return {
    source: { filename, language: "Dockerfile", data, origin },
    ignoreFile: files.get(ignoreName),
  };
}

/**
 * The patterns of the ignore file; none for contexts that aren't directories of the client, or that can't be read: a build
 * may do without its context, and says so itself if it can't. Undefined while open. What is wrong with the file is
 * returned: it counts only where the patterns are needed.
 */
export function readIgnorePatterns(
  settings: EntrypointSettings,
  context: FoundContext,
  { ignoreFile, source }: Entrypoint,
): readonly string[] | BuildError | undefined {
  if (context.tree !== undefined) return [];
  if (ignoreFile !== undefined) return parsePatterns(ignoreFile, `${source.filename}${CONTEXT_IGNORE_FILE}`);
  const output = localIgnoreFile(settings, context);
  const answer = settings.questions.ask({ kind: "files", output, paths: [CONTEXT_IGNORE_FILE], limit: undefined });
  if (answer === undefined) return undefined;
  const bytes = answer.kind === "files" ? answer.files.get(CONTEXT_IGNORE_FILE) : undefined;
  return bytes === undefined ? [] : parsePatterns(bytes, CONTEXT_IGNORE_FILE);
}

function parsePatterns(bytes: Uint8Array, name: string): readonly string[] | BuildError {
  try {
    return readIgnoreFile(decodeText(bytes));
  } catch (cause) {
    if (!(cause instanceof BuildError)) throw cause;
    return new BuildError(cause.code, `failed parsing ${name}: ${cause.message}`, { cause });
  }
}

function localFile(
  settings: EntrypointSettings,
  context: FoundContext,
  followPaths: readonly string[],
): Output | undefined {
  return local(context.dockerfileName, {
    sessionId: sessionOf(settings, context.dockerfileName),
    followPaths,
    sharedKeyHint: context.dockerfileName,
    differ: "none",
    name: `[internal] load build definition from ${context.filename}`,
  }).output;
}

function localIgnoreFile(settings: EntrypointSettings, context: FoundContext): Output {
  const { output } = local(context.localName, {
    sessionId: sessionOf(settings, context.localName),
    followPaths: [CONTEXT_IGNORE_FILE],
    sharedKeyHint: `${context.localName}-${CONTEXT_IGNORE_FILE}`,
    differ: "none",
    name: `[internal] load ${CONTEXT_IGNORE_FILE}`,
  });
  if (output === undefined) throw new TypeError("a local source has an output");
  return output;
}

/** A directory may come from another session than the rest. */
function sessionOf({ opts, sessionId }: EntrypointSettings, name: string): string {
  return opts[`local-sessionid:${name}`] ?? sessionId;
}
