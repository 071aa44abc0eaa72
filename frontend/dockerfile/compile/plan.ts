/**
 * From the stages of a file to the graph between them: names and platforms expanded, `--from` connected, the target
 * found.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`buildDispatchStates`,
 * `buildStageDependencyGraph`, `toCommand`), convert_runmount.go (`detectRunMount`); messages as there.
 */
import { BuildError, type Platform } from "../../../llb/index.ts";
import type { Stage as ParsedStage } from "../ast.ts";
import { type ContextSettings, findNamedContext, type NamedContext } from "../context/named-context.ts";
import type { Command, FromInstruction } from "../instruction.ts";
import type { Linter } from "../lint/linter.ts";
import { ignoresCache } from "../options/build-options.ts";
import { emptyEnv } from "../shell/env.ts";
import { type LexOptions, processWord } from "../shell/lex.ts";
import { parseInteger } from "../text/number.ts";
import { quote } from "../text/quote.ts";
import { suggest, withSuggestion } from "../text/suggest.ts";
import { equalFold } from "../text/unicode.ts";
import type { Located } from "./failure.ts";
import type { GlobalArgs } from "./global-args.ts";
import { implicitStage, isImplicit, newStage } from "./new-stage.ts";
import type { CompileOptions } from "./options.ts";
import { newOutlineRecord } from "./outline-record.ts";
import { planFrom } from "./plan-from.ts";
import { checkCircles } from "./reachable.ts";
import type { PlannedCommand, Stage } from "./stage.ts";
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

function planStage(parsed: ParsedStage, index: number, stages: StageList, settings: PlanSettings): Stage {
  const { from, name = "" } = parsed;
  const { options, globalArgs } = settings;
  const linter = settings.linter.obeying(from.comments);
  const { baseName, platform, used } = planFrom(parsed, settings, linter);
  const namedContext = name === "" ? undefined : namedContextOf(name, platform, options, settings.contexts);
  const stage = newStage({
    from,
    name,
    label: name === "" && namedContext === undefined ? `stage-${index}` : name,
    baseName,
    place: from,
    namedContext,
    platform,
    commands: parsed.commands.map((command) => ({ command, sources: [], onbuild: false, place: command })),
    // Without a name a stage of `no-cache=` can't be meant, but all of them can.
    ignoreCache: namedContext === undefined && ignoresCache(options.build.noCache, name),
    outline: newOutlineRecord(globalArgs.records, namedContext === undefined ? used : []),
  });
  const startsFromImage = isImageBase(from, baseName, stages, options);
  stage.steps.total = namedContext === undefined ? countSteps(parsed.commands, startsFromImage) : 0;
  return stage;
}

/** Whether the base is an op of its own: not scratch, nor a stage, nor the end of another graph. */
function isImageBase(from: FromInstruction, name: string, stages: StageList, { images }: CompileOptions): boolean {
  if (from.baseKind === "mzimage") return images?.get(name)?.kind !== "state";
  return name !== "scratch" && stages.byExactName(name) === undefined;
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
