/**
 * Which stages a stage needs, and whether some need each other in a circle. Loops, not recursion: a file can have
 * thousands of stages, each built on the one before.
 */
import { BuildError } from "../../../llb/index.ts";
import { type Located, locate } from "./failure.ts";
import type { Stage } from "./stage.ts";

/** The stage, its bases, and all they copy and mount from. */
export function reachableFrom(target: Stage): Set<Stage> {
  const reached = new Set([target]);
  // The set grows while it is walked.
  for (const stage of reached) {
    if (stage.base !== undefined) reached.add(stage.base);
    for (const dependency of stage.dependencies.keys()) reached.add(dependency);
  }
  return reached;
}

interface Visit {
  readonly stage: Stage;
  readonly next: Iterator<[Stage, Located | undefined]>;
  /** The instruction that led here. */
  readonly via: Located | undefined;
}

/**
 * Throws `BuildError` "circular-dependency" with the instructions of the circle as its places.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/validations.go (`validateCircularDependency`).
 */
export function checkCircles(stages: readonly Stage[]): void {
  const visited = new Set<Stage>();
  for (const start of stages) {
    if (visited.has(start)) continue;
    const path: Visit[] = [];
    const onPath = new Set<Stage>();
    const enter = (stage: Stage, via: Located | undefined): void => {
      visited.add(stage);
      onPath.add(stage);
      path.push({ stage, next: stage.dependencies.entries(), via });
    };
    enter(start, undefined);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { value, done } = top.next.next();
      if (done === true) {
        onPath.delete(top.stage);
        path.pop();
        continue;
      }
      const [dependency, via] = value;
      if (onPath.has(dependency)) throw circle(start, [...path.slice(1).map((visit) => visit.via), via]);
      if (!visited.has(dependency)) enter(dependency, via);
    }
  }
}

function circle(start: Stage, places: readonly (Located | undefined)[]): unknown {
  let error: unknown = new BuildError("circular-dependency", `circular dependency detected on stage: ${start.label}`);
  for (const place of places) error = locate(error, place);
  return error;
}
