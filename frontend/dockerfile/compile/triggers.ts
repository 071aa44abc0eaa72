/**
 * ONBUILD: instructions that an image, or a stage, has for whatever builds on it.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`initOnBuildTriggers`).
 */
import { parseTrigger } from "../instructions/index.ts";
import { relocate } from "./failure.ts";
import { planCommand } from "./plan.ts";
import type { Session } from "./session.ts";
import type { PlannedCommand, Stage } from "./stage.ts";

const NOWHERE = {
  lines: { first: 0, last: 0 },
  range: { file: "", start: { line: 0, column: 1 }, end: { line: 0, column: 1 } },
};

/** Triggers of the base image, or of the stage this one builds on. Whether they need further stages. */
export function addTriggers(session: Session, stage: Stage): boolean {
  const expressions = stage.base === undefined ? [...stage.work.image.onBuild] : [];
  if (stage.base !== undefined && !stage.triggersAdded) {
    for (const { command } of stage.base.commands) if (command.kind === "onbuild") expressions.push(command.expression);
    stage.triggersAdded = true;
  }
  if (expressions.length === 0) return false;
  const triggers = planTriggers(session, stage, expressions);
  stage.commands = [...triggers, ...stage.commands];
  stage.steps.total += triggers.length;
  stage.work.image.onBuild = [];
  return triggers.some((trigger) => trigger.sources.length > 0);
}

function planTriggers(session: Session, stage: Stage, expressions: readonly string[]): PlannedCommand[] {
  const place = stage.place ?? NOWHERE;
  const graph = { stages: session.stages, lex: session.lex };
  try {
    return expressions.map((expression) =>
      planCommand(parseTrigger(expression), stage, { onbuild: true, place }, graph),
    );
  } catch (error) {
    throw relocate(error, stage.place);
  }
}
