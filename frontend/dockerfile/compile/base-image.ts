/**
 * Stages that begin with an image of a registry.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`resolveBaseImage`); messages as there.
 */
import {
  BuildError,
  formatFullPlatform,
  formatImageReference,
  newVertex,
  normalizePlatform,
  type Platform,
  parseImageReference,
  withDefaultTag,
} from "../../../llb/index.ts";
import type { ImageConfig } from "../image/image-config.ts";
import { parseImageConfig } from "../image/parse-image-config.ts";
import { messages } from "../lint/rules.ts";
import { quote } from "../text/quote.ts";
import { suggest, withSuggestion } from "../text/suggest.ts";
import { draftOf } from "./config-draft.ts";
import { lineRanges, prefixed } from "./failure.ts";
import { imageAnswer } from "./image-answer.ts";
import type { Answer, ImageAnswer } from "./lookup.ts";
import { nextStepName } from "./names.ts";
import type { Session } from "./session.ts";
import type { Stage } from "./stage.ts";
import { normalized, startFrom } from "./start-stage.ts";

/** Looks the image up, and begins with it once it is known. Throws `BuildError` "unresolved-image". */
export function startFromRegistry(session: Session, stage: Stage, written: string, asked: Platform): void {
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

/** The op of the image, and its step. */
export function startFromImage(session: Session, stage: Stage, reference: string, platform: Platform): void {
  const { options } = session;
  const { resolveMode, multiPlatform, hostPlatform } = options.build;
  const attrs: Record<string, string> = resolveMode === "default" ? {} : { "image.resolvemode": resolveMode };
  const name = nextStepName(stage, `FROM ${reference}`, {
    platform,
    multiPlatform,
    label: options.label,
    env: undefined,
    onbuild: false,
    hostPlatform,
  });
  const vertex = newVertex({ kind: "source", identifier: `docker-image://${reference}`, attrs }, platform, {
    description: { "com.docker.dockerfile.v1.command": stage.from?.original ?? "" },
    name,
    at: [{ source: options.source, ranges: stage.place === undefined ? [] : lineRanges(stage.place.lines) }],
  });
  stage.work.tree = { vertex, index: 0 };
  stage.work.treePlatform = normalized(platform);
}

function foundImage(
  session: Session,
  answer: Answer,
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

const commonImages = ["alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora"].flatMap((name) => [
  name,
  `docker.io/library${name}`,
  `${name}:latest`,
  `docker.io/library${name}:latest`,
]);

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
  const { buildPlatform } = session.options.build;
  return !same(asked) && same(buildPlatform) ? buildPlatform : asked;
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
