/**
 * SOURCE_DATE_EPOCH: a number of seconds, or where to take the time from: `context`, a named context, or a stage that is
 * nothing but one remote ADD.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/epoch.go; messages as there.
 */
import {
  BuildError,
  digestOf,
  newVertex,
  type Output,
  type SourceOp,
  type Vertex,
  walkInputs,
} from "../../../llb/index.ts";
import type { Stage as ParsedStage } from "../ast.ts";
import { parseGitRef } from "../context/git-ref.ts";
import { gitVertex } from "../context/git-source.ts";
import { type ContextSettings, findNamedContext, loadNamedContext } from "../context/named-context.ts";
import { normalizeTime } from "../image/rfc3339.ts";
import type { AddInstruction } from "../instruction.ts";
import { type LexOptions, processWord } from "../shell/lex.ts";
import { decodeText } from "../text/bytes.ts";
import { parseInteger } from "../text/number.ts";
import { quote } from "../text/quote.ts";
import { equalFold } from "../text/unicode.ts";
import { archiveTime } from "./archive-time.ts";
import { checkDigest, httpFilename } from "./copy-remote.ts";
import { locating, prefixed } from "./failure.ts";
import type { MainContext } from "./options.ts";

export interface Epoch {
  readonly seconds: bigint;
  readonly nanoseconds: bigint;
  /** As history has it: RFC 3339. */
  readonly text: string;
}

export interface EpochSettings {
  readonly contexts: ContextSettings;
  readonly mainContext: MainContext;
  readonly stages: readonly ParsedStage[];
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly globalArgs: ReadonlyMap<string, string>;
  readonly lex: LexOptions;
}

/** `open`: the answer has to wait. Throws `BuildError` for a value that means nothing. */
export type ResolvedEpoch = { readonly kind: "epoch"; readonly epoch: Epoch | undefined } | { readonly kind: "open" };

const NO_EPOCH: ResolvedEpoch = { kind: "epoch", epoch: undefined };

export function resolveEpoch(value: string, settings: EpochSettings): ResolvedEpoch {
  if (value === "") return NO_EPOCH;
  const seconds = parseInteger(value);
  if (seconds.kind === "number") return { kind: "epoch", epoch: epochOfSeconds(seconds.value) };
  if (value === "context") {
    const { mainContext } = settings;
    if (mainContext.kind === "local") return NO_EPOCH;
    return timeOf(mainContext.output, "[internal] resolve main build context metadata", settings);
  }
  const context = findNamedContext(settings.contexts, value, undefined, "default");
  if (context !== undefined) {
    const loaded = loadNamedContext(settings.contexts, context);
    if (loaded === undefined) return { kind: "open" };
    if (loaded.output.kind === "local") return NO_EPOCH;
    return timeOf(loaded.output.output, `[internal] resolve SOURCE_DATE_EPOCH named context ${value}`, settings);
  }
  const stage = settings.stages.find(({ name }) => name !== undefined && equalFold(name, value));
  if (stage === undefined) throw new BuildError("bad-source-date-epoch", `invalid SOURCE_DATE_EPOCH: ${value}`);
  const source = locating(stage.from, () => stageSource(stage, settings));
  const logName = `[internal] resolve SOURCE_DATE_EPOCH source stage ${stage.name ?? ""}`;
  return timeOf({ vertex: source, index: 0 }, logName, settings);
}

function epochOfSeconds(seconds: bigint): Epoch {
  const nanoseconds = BigInt.asIntN(64, seconds * 1_000_000_000n);
  return { seconds, nanoseconds, text: formatTime(seconds) };
}

function formatTime(seconds: bigint): string {
  const date = new Date(Number(seconds) * 1000);
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year < 0 || year > 9999) return `${seconds}`;
  return date.toISOString().replace(/\.000Z$/, "Z");
}

/** The time of a tree that comes from one remote source, such as an archive unpacked; others have none. */
function timeOf(output: Output | undefined, logName: string, { contexts }: EpochSettings): ResolvedEpoch {
  const op = output === undefined ? undefined : onlySource(output);
  if (op === undefined) return NO_EPOCH;
  const answer = contexts.questions.ask({ kind: "source", op, logName });
  if (answer === undefined) return { kind: "open" };
  if (answer.kind === "failed") throw new BuildError("unresolved-source", answer.message, { cause: answer.cause });
  if (answer.kind !== "source") return NO_EPOCH;
  if (answer.commitObject !== undefined && answer.commitObject.length > 0) {
    return { kind: "epoch", epoch: commitTime(answer.commitObject) };
  }
  if (answer.lastModified !== undefined) return { kind: "epoch", epoch: epochOfTime(answer.lastModified) };
  const filename = op.attrs["http.filename"];
  if (!/^https?:\/\//.test(op.identifier) || filename === undefined) return NO_EPOCH;
  return archivedTime(op, filename, contexts);
}

/** The source below `output`; undefined where there are several. */
function onlySource(output: Output): SourceOp | undefined {
  const sources = new Map<string, SourceOp>();
  const seen = new Set<Vertex>();
  const open = [output.vertex];
  for (let vertex = open.pop(); vertex !== undefined; vertex = open.pop()) {
    if (seen.has(vertex)) continue;
    seen.add(vertex);
    if (vertex.op.kind === "source") sources.set(digestOf(vertex), vertex.op);
    open.push(...walkInputs(vertex.op).map((input) => input.vertex));
  }
  const [source, ...others] = sources.values();
  return others.length === 0 ? source : undefined;
}

function archivedTime(op: SourceOp, filename: string, { questions }: ContextSettings): ResolvedEpoch {
  // Without names and places: just the source.
  const vertex = newVertex(op, undefined, {});
  const answer = questions.ask({ kind: "files", output: { vertex, index: 0 }, paths: [filename], limit: undefined });
  if (answer === undefined) return { kind: "open" };
  if (answer.kind === "failed") throw new BuildError("unresolved-source", answer.message, { cause: answer.cause });
  const bytes = answer.kind === "files" ? answer.files.get(filename) : undefined;
  if (bytes === undefined) throw new BuildError("unresolved-source", `open ${filename}: no such file or directory`);
  const seconds = archiveTime(bytes);
  return seconds === undefined ? NO_EPOCH : { kind: "epoch", epoch: epochOfSeconds(seconds) };
}

function epochOfTime(text: string): Epoch {
  const normalized = normalizeTime(text);
  if ("problem" in normalized) throw new BuildError("bad-source-date-epoch", normalized.problem);
  const milliseconds = Date.parse(normalized.time);
  const seconds = BigInt(Math.floor(milliseconds / 1000));
  const fraction = /\.(\d+)/.exec(normalized.time)?.[1] ?? "";
  const nanoseconds = seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
  return { seconds, nanoseconds, text: normalized.time };
}

/** The time of the committer, in its own time zone. */
function commitTime(object: Uint8Array): Epoch {
  const match = /^committer .*> (\d+) ([+-])(\d{2})(\d{2})$/m.exec(decodeText(object));
  if (match === null) throw new BuildError("bad-source-date-epoch", "the commit has no committer");
  const [, time = "", sign = "+", hours = "", minutes = ""] = match;
  const epoch = epochOfSeconds(BigInt(time));
  const offset = (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
  if (offset === 0) return epoch;
  const local = epochOfSeconds(epoch.seconds + BigInt(offset)).text.replace(/Z$/, `${sign}${hours}:${minutes}`);
  return { ...epoch, text: local };
}

/** The source of a stage that holds nothing else. */
function stageSource(stage: ParsedStage, settings: EpochSettings): Vertex {
  const { lex } = settings;
  const env = new Map(settings.globalArgs);
  env.delete("SOURCE_DATE_EPOCH");
  if (baseName(stage.from.base.text, env, lex) !== "scratch") {
    throw bad("SOURCE_DATE_EPOCH stage must use FROM scratch");
  }
  let source: Vertex | undefined;
  for (const command of stage.commands) {
    switch (command.kind) {
      case "arg":
        for (const { key, value } of command.args) {
          const given =
            settings.buildArgs.get(key) ?? (value === undefined ? undefined : processWord(value, env, lex).text);
          if (given !== undefined) env.set(key, given);
        }
        break;
      case "add":
        if (source !== undefined) throw bad("SOURCE_DATE_EPOCH stage must contain exactly one remote ADD");
        source = addSource(command, env, settings);
        break;
      default:
        throw bad(
          `SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported ${command.keyword.text} instruction`,
        );
    }
  }
  if (source === undefined) throw bad("SOURCE_DATE_EPOCH stage must contain exactly one remote ADD");
  return source;
}

function baseName(written: string, env: ReadonlyMap<string, string>, lex: LexOptions): string {
  try {
    return processWord(written, env, lex).text;
  } catch (error) {
    throw prefixed(error, `failed to process source stage base name ${quote(written)}`);
  }
}

function addSource(command: AddInstruction, env: ReadonlyMap<string, string>, settings: EpochSettings): Vertex {
  const [written, ...others] = command.sources;
  if (written === undefined || others.length > 0 || command.contents.length > 0) {
    throw bad("SOURCE_DATE_EPOCH stage must contain exactly one remote ADD source");
  }
  const { lex } = settings;
  const source = processWord(written.text, env, lex).text;
  const checksum = command.checksum ? processWord(command.checksum, env, lex).text : "";
  const git = parseGitRef(source);
  const isWeb = source.startsWith("http://") || source.startsWith("https://");
  if (isWeb && git.kind !== "git") {
    const attrs: Record<string, string> = { "http.filename": httpFilename(source) };
    if (checksum !== "") attrs["http.checksum"] = checkDigest(checksum);
    return newVertex({ kind: "source", identifier: source, attrs }, undefined, {});
  }
  if (git.kind === "invalid") throw new BuildError("bad-git-ref", git.message);
  if (git.kind === "none" || git.ref.looksLocal) {
    throw bad("SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD");
  }
  const { ref } = git;
  const options = {
    ref: ref.ref,
    subdir: ref.subdir,
    checksum: checksum || ref.checksum,
    keepGitDir: command.keepGitDir === true || ref.keepGitDir === true,
    skipSubmodules: ref.submodules === false,
    mtime: "",
    advice: settings.contexts.gitAdvice,
    fetchByCommit: false,
  };
  return gitVertex(ref, options, {}, settings.contexts.questions);
}

function bad(message: string): BuildError {
  return new BuildError("bad-source-date-epoch", message);
}
