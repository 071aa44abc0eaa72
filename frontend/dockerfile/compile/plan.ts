/**
 * From the stages of a file to the graph between them: names and platforms expanded, `--from` connected, the target
 * found.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`buildDispatchStates`,
 * `buildStageDependencyGraph`, `toCommand`), convert_runmount.go (`detectRunMount`); messages as there.
 */
import { BuildError, type Platform, parsePlatform } from "../../../llb/index.ts";
import type { Stage as ParsedStage } from "../ast.ts";
import { type ContextSettings, findNamedContext, type NamedContext } from "../context/named-context.ts";
import type { Command, FromInstruction } from "../instruction.ts";
import type { Linter } from "../lint/linter.ts";
import { hostPlatform, ignoresCache } from "../options/build-options.ts";
import { emptyEnv } from "../shell/env.ts";
import { type ExpandedWord, type LexOptions, processWord } from "../shell/lex.ts";
import { parseInteger } from "../text/number.ts";
import { quote } from "../text/quote.ts";
import { suggest, withSuggestion } from "../text/suggest.ts";
import { equalFold } from "../text/unicode.ts";
import { emptyDraft } from "./config-draft.ts";
import { newEnvironment } from "./environment.ts";
import { type Located, locate, locating } from "./failure.ts";
import type { GlobalArgs } from "./global-args.ts";
import { lintPlatformFlag, lintUndeclaredArgs } from "./lint-stages.ts";
import { missingVariables } from "./missing-variables.ts";
import { type CompileOptions, emptyPlatform } from "./options.ts";
import { newOutlineRecord } from "./outline-record.ts";
import { checkCircles } from "./reachable.ts";
import type { PlannedCommand, Stage, StageWork } from "./stage.ts";
import { newStageList, type StageList } from "./stage-list.ts";

export interface PlanSettings {
  readonly options: CompileOptions;
  readonly contexts: ContextSettings;
  readonly globalArgs: GlobalArgs;
  readonly lex: LexOptions;
  readonly linter: Linter;
}

/** Throws `BuildError` at the FROM that makes no sense. */
export function planStages(parsed: readonly ParsedStage[], settings: PlanSettings): StageList {
  const stages = newStageList();
  parsed.forEach((stage, index) => {
    stages.add(planStage(stage, index, stages, settings));
  });
  return stages;
}

/** The stage to build. Throws `BuildError` "unknown-target". */
export function findTarget(stages: StageList, target: string): Stage {
  const found = target === "" ? stages.all.at(-1) : stages.byName(target);
  if (found !== undefined) return found;
  const suggestion = suggest(target, stages.labels());
  throw new BuildError(
    "unknown-target",
    withSuggestion(`target stage ${quote(target)} could not be found`, suggestion),
  );
}

/** Connects all stages with those they copy and mount from. Throws `BuildError`, also when they go in a circle. */
export function connectStages(stages: StageList, lex: LexOptions): void {
  for (const stage of [...stages.all]) {
    stage.commands = stage.commands.map(({ command, place }) =>
      planCommand(command, stage, { onbuild: false, place }, { stages, lex }),
    );
  }
  checkCircles(stages.all);
  const [only, second] = stages.all;
  if (only !== undefined && second === undefined) only.label = "";
}

/** Plans one instruction of a stage, and adds the trees that it names to the list. */
export function planCommand(
  command: Command,
  stage: Stage,
  at: { readonly onbuild: boolean; readonly place: Located },
  graph: { readonly stages: StageList; readonly lex: LexOptions },
): PlannedCommand {
  const sources = sourcesOf(command, at.place, graph.stages, graph.lex);
  for (const source of sources) {
    stage.dependencies.set(source, at.place);
    if (isImplicit(source)) graph.stages.add(source);
  }
  return { command, sources, ...at };
}

/** A tree that is no stage of the file. */
export function isImplicit(stage: Stage): boolean {
  return stage.from === undefined;
}

function planStage(parsed: ParsedStage, index: number, stages: StageList, settings: PlanSettings): Stage {
  const { from, name = "" } = parsed;
  const { options, globalArgs } = settings;
  const linter = settings.linter.obeying(from.comments);
  const declared = {
    has: (key: string) => globalArgs.values.has(key) || globalArgs.records.has(key),
    keys: () => new Set([...globalArgs.records.keys(), ...globalArgs.values.keys()]),
  };
  const lintArgs = (names: Iterable<string>) => lintUndeclaredArgs(names, declared, from.lines, linter);
  const base = locating(from, () => expandBase(from, settings, lintArgs));
  if (base.text === "") {
    const problem = new BuildError("blank-base", `base name (${from.base.text}) should not be blank`);
    throw locate(problem, from);
  }
  const used = new Set(base.matched);
  const platform = planPlatform(parsed, settings, linter, lintArgs, used);
  const namedContext = name === "" ? undefined : namedContextOf(name, platform, options, settings.contexts);
  const stage = newStage({
    from,
    name,
    label: name === "" && namedContext === undefined ? `stage-${index}` : name,
    baseName: base.text,
    place: from,
    namedContext,
    platform,
    commands: parsed.commands.map((command) => ({ command, sources: [], onbuild: false, place: command })),
    // Without a name a stage of `no-cache=` can't be meant, but all of them can.
    ignoreCache: namedContext === undefined && ignoresCache(options.build.noCache, name),
    outline: newOutlineRecord(globalArgs.records, namedContext === undefined ? used : []),
  });
  const startsFromImage = isImageBase(from, base.text, stages, options);
  stage.steps.total = namedContext === undefined ? countSteps(parsed.commands, startsFromImage) : 0;
  return stage;
}

/** The name of an image of the repository has no variables. */
function expandBase(
  { base, baseKind }: FromInstruction,
  settings: PlanSettings,
  lintArgs: (names: Iterable<string>) => void,
): ExpandedWord {
  if (baseKind === "image") return expandOrLint(base.text, settings, lintArgs);
  return { text: base.text, matched: new Set(), unmatched: new Set() };
}

/** Whether the base is an op of its own: not scratch, nor a stage, nor the end of another graph. */
function isImageBase(from: FromInstruction, name: string, stages: StageList, { images }: CompileOptions): boolean {
  if (from.baseKind === "mzimage") return images?.get(name)?.kind !== "state";
  return name !== "scratch" && stages.byExactName(name) === undefined;
}

function planPlatform(
  parsed: ParsedStage,
  settings: PlanSettings,
  linter: Linter,
  lintArgs: (names: Iterable<string>) => void,
  used: Set<string>,
): Platform | undefined {
  const { globalArgs } = settings;
  const { from, name = "" } = parsed;
  const { platform: written = "" } = from;
  if (written === "") return undefined;
  const expanded = expandPlatform(parsed, written, settings, lintArgs);
  lintPlatformFlag({ written, stage: name, lines: from.lines }, expanded, globalArgs.values, linter);
  const suggested = (message: string): string => {
    for (const key of expanded.unmatched) {
      const suggestion = suggest(key, globalArgs.values.keys());
      if (suggestion !== undefined) return withSuggestion(message, suggestion);
    }
    return message;
  };
  if (expanded.text === "") {
    const message = suggested(`empty platform value from expression ${written}`);
    throw locate(new BuildError("bad-platform", message), from);
  }
  const platform = parsePlatform(expanded.text, hostPlatform);
  if (platform.kind === "invalid") {
    const problem = new BuildError(
      "bad-platform",
      `failed to parse platform ${written}: ${suggested(platform.message)}`,
    );
    // The original marks the place once for the parser and once for the flag.
    throw locate(locate(problem, from), from);
  }
  for (const key of expanded.matched) used.add(key);
  return platform.platform;
}

function expandPlatform(
  { from }: ParsedStage,
  written: string,
  settings: PlanSettings,
  lintArgs: (names: Iterable<string>) => void,
): ExpandedWord {
  try {
    return expandOrLint(written, settings, lintArgs);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const message = `failed to process arguments for platform : ${error.message}`;
    throw locate(new BuildError(error.code, message, { cause: error }), from);
  }
}

/** Expands a word of a FROM, and reports the variables that nobody declares, also when it can't be expanded. */
function expandOrLint(
  text: string,
  { globalArgs, lex }: PlanSettings,
  lintArgs: (names: Iterable<string>) => void,
): ExpandedWord {
  try {
    const expanded = processWord(text, globalArgs.values, lex);
    lintArgs(expanded.unmatched);
    return expanded;
  } catch (error) {
    lintArgs(missingVariables(text, globalArgs.values, lex));
    throw error;
  }
}

function namedContextOf(
  name: string,
  platform: Platform | undefined,
  options: CompileOptions,
  contexts: ContextSettings,
): NamedContext | undefined {
  if (equalFold(name, "scratch") || equalFold(name, "context")) return undefined;
  return findNamedContext(contexts, name, platform ?? options.targetPlatform, options.build.resolveMode);
}

/** Steps that progress counts: the base image, and each instruction that makes an op, or might. */
function countSteps(commands: readonly Command[], startsFromImage: boolean): number {
  const counted = commands.filter(({ kind }) => ["add", "copy", "run", "workdir"].includes(kind));
  return counted.length + (startsFromImage ? 1 : 0);
}

function sourcesOf(command: Command, place: Located, stages: StageList, lex: LexOptions): Stage[] {
  switch (command.kind) {
    case "copy":
      return command.from === undefined || command.from === "" ? [] : [copySource(command.from, place, stages, lex)];
    case "run":
      // Even a mount without a source counts as one of scratch; what it is depends on variables.
      return command.mounts.map(({ from }) => stages.byName(from ?? "scratch") ?? implicitStage(from ?? "scratch"));
    default:
      return [];
  }
}

function copySource(from: string, place: Located, stages: StageList, lex: LexOptions): Stage {
  if (processWord(from, emptyEnv, lex).text !== from) {
    throw new BuildError(
      "variable-in-from",
      "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround",
    );
  }
  const index = parseInteger(from);
  if (index.kind === "number") return stages.byIndex(Number(index.value));
  return stages.byName(from) ?? implicitStage(from, place);
}

function implicitStage(baseName: string, place?: Located): Stage {
  return newStage({
    from: undefined,
    name: "",
    label: "",
    baseName,
    place,
    namedContext: undefined,
    platform: undefined,
    commands: [],
    ignoreCache: false,
    outline: newOutlineRecord(new Map()),
  });
}

type StageParts = Pick<
  Stage,
  | "from"
  | "name"
  | "label"
  | "baseName"
  | "place"
  | "namedContext"
  | "platform"
  | "commands"
  | "ignoreCache"
  | "outline"
>;

function newStage(parts: StageParts): Stage {
  const { from, name, label, baseName, place, namedContext, platform, commands, ignoreCache, outline } = parts;
  return {
    from,
    name,
    label,
    baseName,
    place,
    base: undefined,
    namedContext,
    commands,
    dependencies: new Map(),
    triggersAdded: false,
    platform,
    ignoreCache,
    steps: { done: 0, total: 0 },
    outline,
    resolved: false,
    dispatched: false,
    paths: new Set(),
    contextPaths: new Set(),
    work: newStageWork(),
  };
}

function newStageWork(): StageWork {
  return {
    tree: undefined,
    treePlatform: undefined,
    env: newEnvironment(),
    dir: "/",
    user: "",
    hostname: "",
    image: emptyDraft(emptyPlatform),
    baseImage: undefined,
    args: new Map(),
    workdirSet: false,
    last: { cmd: undefined, entrypoint: undefined, healthcheck: undefined },
  };
}
