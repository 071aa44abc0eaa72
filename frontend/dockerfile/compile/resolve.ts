/**
 * Finds the trees and configs that stages begin with, and adds the ONBUILD triggers that come with them.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`resolveStages`, `resolveBaseImage`);
 * messages as there.
 */
import {
  BuildError,
  compareBytes,
  formatImageReference,
  type Output,
  type Platform,
  parseImageReference,
  withDefaultTag,
} from "../../../llb/index.ts";
import {
  type ContextOutput,
  findNamedContext,
  type LoadedContext,
  loadNamedContext,
} from "../context/named-context.ts";
import { emptyImageConfig } from "../image/image-config.ts";
import { quote } from "../text/quote.ts";
import { suggest } from "../text/suggest.ts";
import { equalFold } from "../text/unicode.ts";
import { startFromImage, startFromRegistry } from "./base-image.ts";
import { copyDraft, draftOf } from "./config-draft.ts";
import { newEnvironment } from "./environment.ts";
import { locating } from "./failure.ts";
import { imagePlatform } from "./image-answer.ts";
import { isImplicit } from "./new-stage.ts";
import type { RepositoryImage } from "./options.ts";
import { reachableFrom } from "./reachable.ts";
import type { Session } from "./session.ts";
import type { Stage } from "./stage.ts";
import { normalized, startFrom } from "./start-stage.ts";
import { addTriggers } from "./triggers.ts";

/**
 * The stages that the target needs, their bases found and their triggers added; undefined when questions are open.
 * Throws `BuildError` at the FROM whose base can't be had.
 */
export function resolveStages(session: Session, target: Stage): ReadonlySet<Stage> | undefined {
  for (;;) {
    const reachable = reachableFrom(target);
    resolveBases(session, reachable);
    if (session.questions.open.length > 0) return undefined;
    let connected = false;
    for (const stage of reachable) if (addTriggers(session, stage)) connected = true;
    if (!connected) return reachable;
  }
}

/**
 * The original looks all bases up at once, and hears all answers before it fails. Of several errors it reports the one
 * that came first: those that nobody has to be asked about before the others, and else as its scheduler will have it, which
 * begins with the last.
 */
function resolveBases(session: Session, reachable: ReadonlySet<Stage>): void {
  let problem: unknown;
  for (const stage of session.stages.all) {
    if (stage.base !== undefined || stage.dispatched || stage.resolved) continue;
    try {
      resolveBase(session, stage, session.options.allStages === true || reachable.has(stage));
    } catch (error) {
      if (problem === undefined || !isFromOutside(error) || isFromOutside(problem)) problem = error;
    }
  }
  if (problem !== undefined && session.questions.open.length === 0) throw problem;
}

function isFromOutside(error: unknown): boolean {
  return error instanceof BuildError && error.code === "unresolved-image";
}

/** Starts a stage with what its base has become. */
export function inherit(stage: Stage): void {
  const { base, work } = stage;
  if (base === undefined) return;
  work.tree = base.work.tree;
  work.treePlatform = base.work.treePlatform;
  work.env = newEnvironment(base.work.env.variables);
  work.dir = base.work.dir;
  work.user = base.work.user;
  work.hostname = base.work.hostname;
  work.image = copyDraft(base.work.image);
  work.baseImage = base.work.baseImage;
  work.workdirSet = base.work.workdirSet;
  work.args = new Map(base.work.args);
  stage.platform = base.platform;
  stage.paths = base.paths;
}

function resolveBase(session: Session, stage: Stage, needed: boolean): void {
  stage.resolved = needed;
  const isScratchBase = stage.baseName === "scratch" && stage.from?.baseKind !== "mzimage";
  if (isScratchBase && stage.namedContext === undefined) {
    stage.work.tree = undefined;
    stage.work.image = draftOf(emptyImageConfig(session.targetPlatform));
    stage.platform = session.targetPlatform;
  } else {
    locating(stage.place, () => resolveNamed(session, stage, needed));
  }
  if (isImplicit(stage)) stage.dispatched = true;
}

function resolveNamed(session: Session, stage: Stage, needed: boolean): void {
  const image = stage.namedContext === undefined ? repositoryImage(session, stage) : undefined;
  if (image?.kind === "state") {
    startFrom(stage, image.output, stage.platform ?? session.targetPlatform, image.config);
    return;
  }
  if (image !== undefined) stage.baseName = image.reference;
  const written = stage.baseName;
  const parsed = parseImageReference(written);
  if (parsed.kind === "invalid") {
    throw new BuildError("bad-image-reference", `failed to parse stage name ${quote(written)}: ${parsed.message}`);
  }
  stage.baseName = formatImageReference(withDefaultTag(parsed.reference));
  const platform = stage.platform ?? session.targetPlatform;
  if (!needed) {
    // Nobody looks at it, but its step counts should a trigger make it needed after all.
    startFromImage(session, stage, stage.baseName, platform);
    stage.platform = platform;
  } else if (stage.namedContext !== undefined) {
    replaceStage(session, stage);
  } else if (!startFromContext(session, stage, platform)) {
    startFromRegistry(session, stage, written, platform);
  }
}

/**
 * The image of the repository that MZFROM names, or `--from` if nothing else has that name. Throws `BuildError`
 * "unknown-image" for a MZFROM that names none.
 */
function repositoryImage(session: Session, stage: Stage): RepositoryImage | undefined {
  const { images } = session.options;
  if (isImplicit(stage)) {
    return isNamedContext(session, stage.baseName) ? undefined : images?.get(stage.baseName);
  }
  if (stage.from?.baseKind !== "mzimage") return undefined;
  const name = stage.from.base.text;
  const image = images?.get(name);
  if (image !== undefined) return image;
  const suggestion = suggest(name, images?.keys() ?? []);
  throw new BuildError("unknown-image", `MZFROM names ${quote(name)}, which no mzbuild.yml declares`, {
    ...(suggestion === undefined ? {} : { hint: `did you mean ${quote(suggestion)}?` }),
  });
}

function isNamedContext({ contexts, options, targetPlatform }: Session, name: string): boolean {
  if (!contexts.hasNamed || parseImageReference(name).kind === "invalid") return false;
  return findNamedContext(contexts, name, targetPlatform, options.build.resolveMode) !== undefined;
}

/** A named context with the name of a stage takes its place, instructions and all. */
function replaceStage(session: Session, stage: Stage): void {
  if (stage.namedContext === undefined) return;
  const loaded = loadNamedContext(session.contexts, stage.namedContext);
  if (loaded === undefined) return;
  stage.dispatched = true;
  const { work } = stage;
  work.tree = contextOutput(session, stage, loaded.output);
  work.treePlatform = normalized(loaded.platform);
  if (loaded.image === undefined) return;
  work.image = draftOf(loaded.image);
  stage.platform = imagePlatform(loaded.image) ?? stage.platform;
}

/** A named context with the name of the base image stands in for it. Whether there is one. */
function startFromContext(session: Session, stage: Stage, platform: Platform): boolean {
  const name = stage.baseName;
  if (!session.contexts.hasNamed || equalFold(name, "scratch") || equalFold(name, "context")) return false;
  const context = findNamedContext(session.contexts, name, platform, session.options.build.resolveMode);
  if (context === undefined) return false;
  const loaded: LoadedContext | undefined = loadNamedContext(session.contexts, context);
  if (loaded === undefined) return true;
  const image = loaded.image ?? emptyImageConfig(platform);
  startFrom(stage, contextOutput(session, stage, loaded.output), platform, image);
  return true;
}

function contextOutput(session: Session, stage: Stage, output: ContextOutput): Output | undefined {
  return output.kind === "tree"
    ? output.output
    : session.deferred.add(() => output.withPaths(followPaths(stage.paths)));
}

/** Paths as a local source takes them: sorted, relative; none when all of it is needed. */
export function followPaths(paths: ReadonlySet<string>): string[] {
  if (paths.has("/")) return [];
  return [...paths].map((path) => path.slice(1)).sort(compareBytes);
}
