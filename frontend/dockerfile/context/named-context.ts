/**
 * Named contexts: `context:NAME=…` puts another tree in the place of a stage, an image, or a `--from`.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/namedcontext.go, config.go (`NamedContext`); messages as there.
 */
import {
  BuildError,
  formatFullPlatform,
  formatImageReference,
  http,
  local,
  newVertex,
  normalizePlatform,
  type Output,
  type Platform,
  parseImageReference,
  withDefaultTag,
} from "../../../llb/index.ts";
import { imageAnswer, imagePlatform } from "../compile/image-answer.ts";
import type { Questions } from "../compile/lookup.ts";
import { readIgnoreFile } from "../ignore/index.ts";
import type { ImageConfig } from "../image/image-config.ts";
import { parseImageConfig } from "../image/parse-image-config.ts";
import type { Attributes, ResolveMode } from "../options/build-options.ts";
import { decodeText } from "../text/bytes.ts";
import { quote } from "../text/quote.ts";
import { familiarReference } from "./familiar-reference.ts";
import { detectGitContext, type GitContextOptions } from "./git-context.ts";
import { parseLayoutReference } from "./layout-reference.ts";

/** What named contexts are found with. */
export interface ContextSettings {
  readonly opts: Attributes;
  readonly sessionId: string;
  readonly gitAdvice: boolean;
  /** Whether there are any. */
  readonly hasNamed: boolean;
  /** For images that nobody asked for on another platform. */
  readonly targetPlatform: Platform;
  readonly hostPlatform: Platform;
  readonly questions: Questions;
}

export interface NamedContext {
  /** The name as it is shown, with `::platform` when only that platform has the context. */
  readonly label: string;
  readonly name: string;
  /** `docker-image://…`, `local:…`, `https://…`, `oci-layout://…`, `input:…`. */
  readonly input: string;
  readonly platform: Platform | undefined;
  readonly resolveMode: ResolveMode;
}

/** A named context as a tree. The platform and config of an image come with it. */
export interface LoadedContext {
  readonly output: ContextOutput;
  readonly platform: Platform | undefined;
  readonly image: ImageConfig | undefined;
}

/** A local directory is a source of its own for each use, which names the paths it needs: `at` makes it. */
export type ContextOutput =
  | { readonly kind: "tree"; readonly output: Output | undefined }
  | { readonly kind: "local"; readonly withPaths: (followPaths: readonly string[]) => Output };

const IGNORE_FILE = ".dockerignore";
const DEEPEST_REDIRECT = 10;
/** Surely the name of an image. */
const PLAIN_NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** The context for a stage or image name, if there is one. Throws `BuildError` for a name that can't be one. */
export function findNamedContext(
  settings: ContextSettings,
  name: string,
  platform: Platform | undefined,
  resolveMode: ResolveMode,
): NamedContext | undefined {
  if (!settings.hasNamed && PLAIN_NAME.test(name)) return undefined;
  const parsed = parseImageReference(name);
  if (parsed.kind === "invalid") {
    throw new BuildError("bad-context-name", `invalid context name ${name}: ${parsed.message}`);
  }
  const familiar = familiarReference(parsed.reference).replace(/:latest$/, "");
  const withPlatform = `${familiar}::${formatFullPlatform(normalizePlatform(platform ?? settings.hostPlatform))}`;
  for (const label of [withPlatform, familiar]) {
    const input = settings.opts[`context:${label}`];
    if (input !== undefined) return { label, name: familiar, input, platform, resolveMode };
  }
  return undefined;
}

/** The tree of a named context; undefined when its questions are open. Throws `BuildError` "bad-context". */
export function loadNamedContext(
  settings: ContextSettings,
  context: NamedContext,
  redirects = 0,
): LoadedContext | undefined {
  if (redirects > DEEPEST_REDIRECT) {
    throw bad(
      `context recursion limit exceeded; this may indicate a cycle in the provided source policies: ${context.input}`,
    );
  }
  const colon = context.input.indexOf(":");
  if (colon < 0) throw bad(`invalid context specifier ${context.input} for ${context.label}`);
  const scheme = context.input.slice(0, colon);
  const rest = context.input.slice(colon + 1);
  switch (scheme.startsWith("git@") ? "git" : scheme) {
    case "docker-image":
      return loadImage(settings, context, rest.replace(/^\/\//, ""), redirects);
    case "git":
      return loadGit(settings, context);
    case "http":
    case "https":
      return loadWeb(settings, context);
    case "oci-layout":
      return loadLayout(settings, context, rest.replace(/^\/\//, ""));
    case "local":
      return loadLocal(settings, context, rest);
    case "input":
      return loadInput(settings, context, rest);
    default:
      throw bad(`unsupported context source ${scheme} for ${context.label}`);
  }
}

function loadImage(
  settings: ContextSettings,
  context: NamedContext,
  written: string,
  redirects: number,
): LoadedContext | undefined {
  if (written === "scratch") return { output: tree(undefined), platform: undefined, image: undefined };
  const parsed = parseImageReference(written);
  if (parsed.kind === "invalid") throw bad(parsed.message);
  const reference = formatImageReference(withDefaultTag(parsed.reference));
  const answer = settings.questions.ask({
    kind: "image",
    reference,
    platform: context.platform,
    resolveMode: context.resolveMode,
    layout: undefined,
    logName: `[context ${context.label}] load metadata for ${written}`,
  });
  if (answer === undefined) return undefined;
  if (answer.kind === "redirect") {
    return loadNamedContext(settings, { ...context, input: answer.identifier.replace("://", ":") }, redirects + 1);
  }
  const found = imageAnswer(answer, reference);
  const image = { ...parseImageConfig(found.config), created: undefined };
  const named = parseImageReference(found.reference);
  const full = named.kind === "reference" ? formatImageReference(withDefaultTag(named.reference)) : found.reference;
  const vertex = newVertex(
    { kind: "source", identifier: `docker-image://${full}`, attrs: {} },
    context.platform ?? settings.targetPlatform,
    {
      name: `[context ${context.label}] ${written}`,
    },
  );
  return { output: tree({ vertex, index: 0 }), platform: imagePlatform(image) ?? context.platform, image };
}

function loadLayout(settings: ContextSettings, context: NamedContext, written: string): LoadedContext | undefined {
  const layout = parseLayoutReference(written);
  const named = parseImageReference(context.name);
  if (named.kind === "invalid")
    throw bad(`could not parse oci-layout reference ${quote(context.name)}: ${named.message}`);
  const reference = formatImageReference({ ...named.reference, digest: layout.digest });
  const answer = settings.questions.ask({
    kind: "image",
    reference,
    platform: context.platform,
    resolveMode: "default",
    layout: { sessionId: settings.sessionId, storeId: layout.name },
    logName: `[context ${context.label}] load metadata for ${reference}`,
  });
  if (answer === undefined) return undefined;
  const image = { ...parseConfig("could not parse oci-layout image config", imageAnswer(answer, reference).config) };
  const attrs = { "oci.session": settings.sessionId, "oci.store": layout.name };
  const vertex = newVertex(
    { kind: "source", identifier: `oci-layout://${reference}`, attrs },
    context.platform ?? settings.targetPlatform,
    {
      name: `[context ${context.label}] OCI load from client`,
    },
  );
  return { output: tree({ vertex, index: 0 }), platform: imagePlatform(image) ?? context.platform, image };
}

function loadGit(settings: ContextSettings, context: NamedContext): LoadedContext {
  const output = detectGitContext(context.input, gitOptions(settings));
  if (output === undefined) throw bad(`invalid git context ${context.input}`);
  return { output: tree(output), platform: undefined, image: undefined };
}

function gitOptions({ gitAdvice, questions }: ContextSettings): GitContextOptions {
  return { keepGitDir: false, mtime: "", advice: gitAdvice, questions };
}

function loadWeb(settings: ContextSettings, context: NamedContext): LoadedContext {
  const git = detectGitContext(context.input, gitOptions(settings));
  const name = `[context ${context.label}] ${context.input}`;
  const output = git ?? http(context.input, { filename: "context", name }).output;
  return { output: tree(output), platform: undefined, image: undefined };
}

function loadLocal(settings: ContextSettings, context: NamedContext, name: string): LoadedContext | undefined {
  const sessionId = settings.opts[`local-sessionid:${name}`] ?? settings.sessionId;
  const shared = `context:${context.label}-`;
  const ignore = local(name, {
    sessionId,
    followPaths: [IGNORE_FILE],
    sharedKeyHint: `${shared}${IGNORE_FILE}`,
    differ: "none",
    name: `[context ${context.label}] load ${IGNORE_FILE}`,
  }).output;
  if (ignore === undefined) return undefined;
  const answer = settings.questions.ask({ kind: "files", output: ignore, paths: [IGNORE_FILE], limit: undefined });
  if (answer === undefined) return undefined;
  if (answer.kind === "failed") throw bad(answer.message, answer.cause);
  const text = answer.kind === "files" ? decodeText(answer.files.get(IGNORE_FILE) ?? new Uint8Array()) : "";
  const excludePatterns = readIgnoreFile(text);
  const sharedKeyHint = `${shared}${settings.opts[`sharedkey:localdir:${context.label}`] ?? ""}`;
  return {
    output: {
      kind: "local",
      withPaths: (followPaths) => {
        const options = { sessionId, sharedKeyHint, excludePatterns, followPaths };
        const { output } = local(name, { ...options, name: `[context ${context.label}] load from client` });
        if (output === undefined) throw new TypeError("a local source has an output");
        return output;
      },
    },
    platform: undefined,
    image: undefined,
  };
}

function loadInput(settings: ContextSettings, context: NamedContext, name: string): LoadedContext | undefined {
  const answer = settings.questions.ask({ kind: "inputs" });
  if (answer === undefined) return undefined;
  if (answer.kind === "failed") throw bad(answer.message, answer.cause);
  if (answer.kind !== "inputs" || !answer.inputs.has(name)) {
    throw bad(`invalid input ${name} for ${context.label}`);
  }
  const metadata = settings.opts[`input-metadata:${name}`];
  const image = metadata === undefined ? undefined : inputImage(metadata, context);
  const platform = image === undefined ? undefined : imagePlatform(image);
  return { output: tree(answer.inputs.get(name)), platform, image };
}

/** The metadata are a JSON object of base64 texts. */
function inputImage(metadata: string, context: NamedContext): ImageConfig | undefined {
  let values: unknown;
  try {
    values = JSON.parse(metadata);
  } catch (cause) {
    throw bad(`failed to parse input metadata ${metadata}: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
  const config =
    typeof values === "object" && values !== null && "containerimage.config" in values
      ? values["containerimage.config"]
      : undefined;
  if (typeof config !== "string") return undefined;
  return parseConfig(`failed to parse image config for ${context.label}`, Buffer.from(config, "base64").toString());
}

function parseConfig(what: string, json: string): ImageConfig {
  try {
    return parseImageConfig(json);
  } catch (cause) {
    if (!(cause instanceof BuildError)) throw cause;
    throw new BuildError(cause.code, `${what}: ${cause.message}`, { cause });
  }
}

function tree(output: Output | undefined): ContextOutput {
  return { kind: "tree", output };
}

function bad(message: string, cause?: unknown): BuildError {
  return new BuildError("bad-context", message, { cause });
}
