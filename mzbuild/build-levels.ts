/** The order of a plan's builds for whoever runs each by itself, such as the jobs of a CI system. */
import type { Plan } from "./plan.ts";

/**
 * Names of the images that are built, in levels: everything that an image needs built is in levels before its own. Each level in
 * the plan's order; no level is empty.
 */
export function buildLevels({ steps }: Plan): readonly (readonly string[])[] {
  const levelOf = new Map<string, number>();
  const levels: string[][] = [];
  // Dependencies come first in a plan, so that their levels are known.
  for (const { kind, image } of steps) {
    if (kind === "reuse") continue;
    const level = image.dependencies.reduce((most, name) => Math.max(most, (levelOf.get(name) ?? -1) + 1), 0);
    levelOf.set(image.name, level);
    const names = levels[level] ?? [];
    levels[level] = names;
    names.push(image.name);
  }
  return levels;
}
