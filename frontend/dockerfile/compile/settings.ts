/**
 * Instructions that change the image config and make no op.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`dispatchCmd` and its kin).
 */
import { BuildError } from "../../../llb/index.ts";
import type {
  CmdInstruction,
  EntrypointInstruction,
  HealthcheckInstruction,
  InstructionBase,
  MaintainerInstruction,
  OnbuildInstruction,
  ShellInstruction,
  StopsignalInstruction,
  UserInstruction,
  VolumeInstruction,
} from "../instruction.ts";
import { messages } from "../lint/rules.ts";
import { formatDuration } from "../text/format-duration.ts";
import { quote } from "../text/quote.ts";
import type { ShortConfig } from "./config-draft.ts";
import { addHistory, type Scope } from "./instruction-scope.ts";
import { withShell } from "./shell-command.ts";
import { isSignal } from "./signals.ts";

export function compileMaintainer(scope: Scope, { maintainer }: MaintainerInstruction): void {
  scope.stage.work.image.author = maintainer;
  addHistory(scope, `MAINTAINER ${maintainer}`);
}

export function compileCmd(scope: Scope, instruction: CmdInstruction): void {
  lintUsedOnce(scope, "cmd", instruction);
  const args = commandArgs(scope, instruction);
  change(scope, { cmd: args, argsEscaped: true });
  addHistory(scope, `CMD ${quotedList(args)}`);
}

/** An ENTRYPOINT drops the CMD that came from the base. */
export function compileEntrypoint(scope: Scope, instruction: EntrypointInstruction): void {
  lintUsedOnce(scope, "entrypoint", instruction);
  const args = commandArgs(scope, instruction);
  change(scope, scope.stage.work.last.cmd === undefined ? { entrypoint: args, cmd: [] } : { entrypoint: args });
  addHistory(scope, `ENTRYPOINT ${quotedList(args)}`);
}

export function compileHealthcheck(scope: Scope, instruction: HealthcheckInstruction): void {
  lintUsedOnce(scope, "healthcheck", instruction);
  const { test, intervalNs, timeoutNs, startPeriodNs, startIntervalNs, retries } = instruction;
  change(scope, {
    healthcheck: {
      test,
      interval: intervalNs,
      timeout: timeoutNs,
      startPeriod: startPeriodNs,
      startInterval: startIntervalNs,
      retries: BigInt(retries),
    },
  });
  const parts = [
    `Test:${plainList(test)}`,
    `Interval:${formatDuration(intervalNs)}`,
    `Timeout:${formatDuration(timeoutNs)}`,
    `StartPeriod:${formatDuration(startPeriodNs)}`,
    `StartInterval:${formatDuration(startIntervalNs)}`,
    `Retries:${retries}`,
  ];
  addHistory(scope, `HEALTHCHECK {${parts.join(" ")}}`);
}

export function compileShell(scope: Scope, { shell }: ShellInstruction): void {
  change(scope, { shell });
  addHistory(scope, `SHELL ${plainList(shell)}`);
}

export function compileStopsignal(scope: Scope, { signal }: StopsignalInstruction): void {
  if (!isSignal(signal)) throw new BuildError("bad-signal", `invalid signal: ${signal}`);
  change(scope, { stopSignal: signal });
  addHistory(scope, `STOPSIGNAL ${signal}`);
}

export function compileUser(scope: Scope, { user }: UserInstruction): void {
  scope.stage.work.user = user;
  change(scope, { user });
  addHistory(scope, `USER ${user}`);
}

export function compileVolume(scope: Scope, { volumes }: VolumeInstruction): void {
  if (volumes.includes("")) throw new BuildError("bad-volume", "VOLUME specified can not be an empty string");
  for (const volume of volumes) scope.stage.work.image.volumes.add(volume);
  addHistory(scope, `VOLUME ${plainList(volumes)}`);
}

export function compileOnbuild(scope: Scope, { expression }: OnbuildInstruction): void {
  scope.stage.work.image.onBuild.push(expression);
}

function change(scope: Scope, changes: Partial<ShortConfig>): void {
  const { image } = scope.stage.work;
  image.config = { ...image.config, ...changes };
}

function commandArgs(scope: Scope, instruction: CmdInstruction | EntrypointInstruction): readonly string[] {
  const { command, keyword } = instruction;
  if (command.form === "exec") return command.args;
  const { image } = scope.stage.work;
  if (image.config.shell.length === 0) {
    scope.linter.report("JSONArgsRecommended", messages.jsonArgsRecommended(keyword.text), scope.place.lines);
  }
  return withShell(image, command.args);
}

/** Only the last one of a stage counts; the one before is reported. */
function lintUsedOnce(scope: Scope, kind: "cmd" | "entrypoint" | "healthcheck", instruction: InstructionBase): void {
  const { last } = scope.stage.work;
  const before = last[kind];
  if (before !== undefined) {
    const message = messages.multipleInstructionsDisallowed(instruction.keyword.text);
    scope.linter.report("MultipleInstructionsDisallowed", message, before.lines);
  }
  last[kind] = scope.place;
}

/** As Go prints a list of texts with %q. */
function quotedList(values: readonly string[]): string {
  return `[${values.map(quote).join(" ")}]`;
}

/** As Go prints a list of texts with %v. */
function plainList(values: readonly string[]): string {
  return `[${values.join(" ")}]`;
}
