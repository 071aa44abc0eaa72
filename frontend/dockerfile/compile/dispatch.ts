/**
 * Compiles the instructions of stages, one after the other.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`dispatchStages`, `dispatch`).
 */
import { BuildError, unreachable } from "../../../llb/index.ts";
import { unixPath } from "../image/image-config.ts";
import type { Command } from "../instruction.ts";
import { expandInstruction } from "../instructions/index.ts";
import { setConfigEnv } from "./config-draft.ts";
import { compileCopy } from "./copy.ts";
import { setVariable, splitVariable } from "./environment.ts";
import { compileExpose } from "./expose.ts";
import { locating } from "./failure.ts";
import { expandWord, type Scope } from "./instruction-scope.ts";
import { emptyPlatform } from "./options.ts";
import { inherit } from "./resolve.ts";
import { compileRun } from "./run.ts";
import type { DispatchSession } from "./session.ts";
import {
  compileCmd,
  compileEntrypoint,
  compileHealthcheck,
  compileMaintainer,
  compileOnbuild,
  compileShell,
  compileStopsignal,
  compileUser,
  compileVolume,
} from "./settings.ts";
import type { PlannedCommand, Stage } from "./stage.ts";
import { compileArg, compileEnv, compileLabel } from "./variables.ts";
import { compileWorkdir, enterDirectory } from "./workdir.ts";

/** Compiles the stages that are needed, in the order of the file. Throws `BuildError` at the instruction that fails. */
export function dispatchStages(session: DispatchSession, reachable: ReadonlySet<Stage>): void {
  for (const stage of session.stages.all) {
    const needed = session.options.allStages === true || (reachable.has(stage) && !stage.dispatched);
    if (!needed) continue;
    startStage(session, stage);
    for (const command of stage.commands) {
      noting(session, () => locating(command.place, () => dispatch(session, stage, command)));
    }
  }
}

function noting({ options }: DispatchSession, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (options.onMistake === undefined || !(error instanceof BuildError)) throw error;
    options.onMistake(error);
  }
}

/** What a process sees before the first instruction: the variables, directory and user of the base. */
function startStage(session: DispatchSession, stage: Stage): void {
  inherit(stage);
  stage.dispatched = true;
  // A base that is no image has no platform to go by.
  stage.platform ??= emptyPlatform;
  const { work } = stage;
  if (!work.image.env.first.has("PATH") && stage.platform.os !== "windows") {
    setConfigEnv(work.image.env, "PATH", unixPath);
  }
  for (const entry of work.image.env.entries) setVariable(work.env, ...splitVariable(entry));
  const { hostname } = session.options.build;
  if (hostname !== "") work.hostname = hostname;
  const { workingDir, user } = work.image.config;
  if (workingDir !== "") locating(stage.place, () => enterDirectory(stage, workingDir));
  if (user !== "") work.user = user;
}

function dispatch(session: DispatchSession, stage: Stage, { command, onbuild, place, sources }: PlannedCommand): void {
  const linter = session.linter.obeying(command.comments);
  const scope: Scope = { session, stage, linter, place, onbuild, sources };
  compileCommand(scope, expandCommand(scope, command));
}

/** ARG expands what it needs itself, and RUN its mounts; here-documents keep their quotes. */
function expandCommand(scope: Scope, command: Command): Command {
  return expandInstruction(
    command,
    (text) => expandWord(scope, text),
    (text) => expandWord(scope, text, { escape: "\\", skipProcessQuotes: true }),
  );
}

function compileCommand(scope: Scope, command: Command): void {
  switch (command.kind) {
    case "add":
    case "copy":
      compileCopy(scope, command);
      break;
    case "arg":
      compileArg(scope, command);
      break;
    case "cmd":
      compileCmd(scope, command);
      break;
    case "entrypoint":
      compileEntrypoint(scope, command);
      break;
    case "env":
      compileEnv(scope, command);
      break;
    case "expose":
      compileExpose(scope, command);
      break;
    case "healthcheck":
      compileHealthcheck(scope, command);
      break;
    case "label":
      compileLabel(scope, command);
      break;
    case "maintainer":
      compileMaintainer(scope, command);
      break;
    case "onbuild":
      compileOnbuild(scope, command);
      break;
    case "run":
      compileRun(scope, command);
      break;
    case "shell":
      compileShell(scope, command);
      break;
    case "stopsignal":
      compileStopsignal(scope, command);
      break;
    case "user":
      compileUser(scope, command);
      break;
    case "volume":
      compileVolume(scope, command);
      break;
    case "workdir":
      compileWorkdir(scope, command);
      break;
    default:
      unreachable(command);
  }
}
