/**
 * Finds the trees and configs that stages begin with, and adds the ONBUILD triggers that come with them.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`resolveStages`, `resolveBaseImage`,
 * `initOnBuildTriggers`); messages as there.
 */
import {
  BuildError,
  compareBytes,
  formatFullPlatform,
  formatImageReference,
  newVertex,
  normalizePlatform,
  type Output,
  type Platform,
  parseImageReference,
  withDefaultTag,
} from "../../../llb/index.ts";
import {
  type ContextOutput,
  findNamedContext,
  imageAnswer,
  imagePlatform,
  type LoadedContext,
  loadNamedContext,
} from "../context/named-context.ts";
import { emptyImageConfig, type ImageConfig } from "../image/image-config.ts";
import { parseImageConfig } from "../image/parse-image-config.ts";
import { parseTrigger } from "../instructions/index.ts";
import { messages } from "../lint/rules.ts";
import { quote } from "../text/quote.ts";
import { suggest, withSuggestion } from "../text/suggest.ts";
import { equalFold } from "../text/unicode.ts";
import { copyDraft, draftOf } from "./config-draft.ts";
import { newEnvironment } from "./environment.ts";
import { lineRanges, locating, prefixed, relocate } from "./failure.ts";
import type { ImageAnswer } from "./lookup.ts";
import { nextStepName } from "./names.ts";
import type { RepositoryImage } from "./options.ts";
import { isImplicit, planCommand } from "./plan.ts";
import { reachableFrom } from "./reachable.ts";
import type { Session } from "./session.ts";
import type { PlannedCommand, Stage } from "./stage.ts";

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
 * The original looks all bases up at once, and hears all answers before it fails. Which of several errors it reports is up
 * to its scheduler, which begins with the last.
 */
function resolveBases(session: Session, reachable: ReadonlySet<Stage>): void {
  let problem: unknown;
  for (const stage of session.stages.all) {
    if (stage.base !== undefined || stage.dispatched || stage.resolved) continue;
    try {
      resolveBase(session, stage, session.options.allStages === true || reachable.has(stage));
    } catch (error) {
      problem = error;
    }
  }
  if (problem !== undefined && session.questions.open.length === 0) throw problem;
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

function startFromRegistry(session: Session, stage: Stage, written: string, asked: Platform): void {
  const { build } = session.options;
  const prefix = build.multiPlatform ? `[${formatFullPlatform(asked)} internal]` : "[internal]";
  const answer = session.questions.ask({
    kind: "image",
    reference: stage.baseName,
    platform: asked,
    resolveMode: build.resolveMode,
    layout: undefined,
    logName: `${prefix} load metadata for ${stage.baseName}`,
  });
  if (answer === undefined) return;
  const found = foundImage(session, answer, stage.baseName, written);
  const image = readConfig(found);
  const platform =
    session.implicitTarget && stage.platform === undefined ? detectPlatform(session, image, asked) : asked;
  const reference = withDigest(found.reference, found.digest);
  stage.baseName = reference;
  if (isScratch(image)) {
    startFrom(stage, undefined, platform, image);
    stage.work.treePlatform = undefined;
    return;
  }
  startFromImage(session, stage, reference, platform);
  stage.work.image = draftOf(image);
  stage.work.baseImage = image;
  lintPlatform(session, stage, written, platform, image.platform);
  stage.platform = platform;
}

function foundImage(
  session: Session,
  answer: Parameters<typeof imageAnswer>[0],
  reference: string,
  written: string,
): ReturnType<typeof imageAnswer> {
  try {
    return imageAnswer(answer, reference);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const suggestion = suggest(written, [...session.stages.labels(), ...commonImages]);
    throw new BuildError(error.code, withSuggestion(`${written}: ${error.message}`, suggestion), { cause: error });
  }
}

function startFromImage(session: Session, stage: Stage, reference: string, platform: Platform): void {
  const { options } = session;
  const { resolveMode, multiPlatform } = options.build;
  const attrs: Record<string, string> = resolveMode === "default" ? {} : { "image.resolvemode": resolveMode };
  const name = nextStepName(stage, `FROM ${reference}`, {
    platform,
    multiPlatform,
    label: options.label,
    env: undefined,
    onbuild: false,
  });
  const vertex = newVertex({ kind: "source", identifier: `docker-image://${reference}`, attrs }, platform, {
    description: { "com.docker.dockerfile.v1.command": stage.from?.original ?? "" },
    name,
    at: [{ source: options.source, ranges: stage.place === undefined ? [] : lineRanges(stage.place.lines) }],
  });
  stage.work.tree = { vertex, index: 0 };
  stage.work.treePlatform = normalized(platform);
}

/** Begins a stage with a tree and the config that came with it. */
function startFrom(stage: Stage, tree: Output | undefined, platform: Platform, image: ImageConfig): void {
  const { work } = stage;
  work.tree = tree;
  work.treePlatform = normalized(platform);
  work.image = draftOf(image);
  work.baseImage = image;
  stage.platform = platform;
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

/** Many stages begin with the same image, and every round looks at it again. */
const parsedConfigs = new WeakMap<ImageAnswer, ImageConfig>();

function readConfig(answer: ImageAnswer): ImageConfig {
  const known = parsedConfigs.get(answer);
  if (known !== undefined) return known;
  try {
    const parsed = parseImageConfig(answer.config);
    parsedConfigs.set(answer, parsed);
    return parsed;
  } catch (error) {
    throw prefixed(error, "failed to parse image config");
  }
}

/** The platform of the image, if the worker runs it; else the one that was asked for. */
function detectPlatform(session: Session, image: ImageConfig, asked: Platform): Platform {
  const same = (platform: Platform): boolean =>
    platform.os === image.platform.os && platform.architecture === image.platform.architecture;
  if (same(asked)) return asked;
  return [session.options.build.buildPlatform].find(same) ?? asked;
}

/** No layers, and none in the history either (old images don't list them). */
function isScratch(image: ImageConfig): boolean {
  return (image.rootfs.diffIds ?? []).length === 0 && image.history.every((entry) => entry.emptyLayer);
}

function withDigest(reference: string, digest: string): string {
  const parsed = parseImageReference(reference);
  if (parsed.kind === "invalid") {
    throw new BuildError("bad-image-reference", `failed to parse ref ${quote(reference)}: ${parsed.message}`);
  }
  const named = withDefaultTag(parsed.reference);
  return formatImageReference(digest === "" ? named : { ...named, digest });
}

function lintPlatform(session: Session, stage: Stage, written: string, expected: Platform, actual: Platform): void {
  if (expected.os === actual.os && expected.architecture === actual.architecture) return;
  const [wanted, found] = [expected, actual].map((platform) => formatFullPlatform(normalizePlatform(platform)));
  const message = messages.invalidBaseImagePlatform(written, wanted ?? "", found ?? "");
  session.linter.report("InvalidBaseImagePlatform", message, stage.place?.lines ?? { first: 0, last: -1 });
}

/** Triggers of the base image, or of the stage this one builds on. Whether they need further stages. */
function addTriggers(session: Session, stage: Stage): boolean {
  const expressions = stage.base === undefined ? [...stage.work.image.config.onBuild] : [];
  if (stage.base !== undefined && !stage.triggersAdded) {
    for (const { command } of stage.base.commands) if (command.kind === "onbuild") expressions.push(command.expression);
    stage.triggersAdded = true;
  }
  if (expressions.length === 0) return false;
  const triggers = planTriggers(session, stage, expressions);
  stage.commands = [...triggers, ...stage.commands];
  stage.steps.total += triggers.length;
  stage.work.image.config = { ...stage.work.image.config, onBuild: [] };
  return triggers.some((trigger) => trigger.sources.length > 0);
}

function planTriggers(session: Session, stage: Stage, expressions: readonly string[]): PlannedCommand[] {
  const place = stage.from ?? { lines: { first: 0, last: 0 }, range: noRange };
  const graph = { stages: session.stages, lex: session.lex };
  try {
    return expressions.map((expression) =>
      planCommand(parseTrigger(expression), stage, { onbuild: true, place }, graph),
    );
  } catch (error) {
    throw relocate(error, place);
  }
}

const noRange = { file: "", start: { line: 0, column: 1 }, end: { line: 0, column: 1 } };

function normalized(platform: Platform | undefined): Platform | undefined {
  return platform === undefined ? undefined : normalizePlatform(platform);
}

const commonImages = ["alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora"].flatMap((name) => [
  name,
  `docker.io/library${name}`,
  `${name}:latest`,
  `docker.io/library${name}:latest`,
]);
