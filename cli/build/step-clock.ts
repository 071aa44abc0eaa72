/** How long the steps of each image take: what ran, not what was cached or only looked at. */
import type { ProgressEvent } from "../../client/index.ts";
import { bracketLabel } from "../progress/step-label.ts";

export interface StepClock {
  event(event: ProgressEvent): void;
  /** Milliseconds of work, those of steps side by side added up. Undefined where nothing ran. */
  buildMs(image: string): number | undefined;
}

export function stepClock(): StepClock {
  const byImage = new Map<string, Map<string, number>>();
  return {
    event: (event) => {
      if (event.kind !== "vertex" || event.cached || event.startedMs === undefined) return;
      if (event.completedMs === undefined || event.error !== "") return;
      const { image, role } = bracketLabel(event.name);
      if (image === undefined || role === "source") return;
      const steps = byImage.get(image) ?? new Map<string, number>();
      byImage.set(image, steps.set(event.digest, event.completedMs - event.startedMs));
    },
    buildMs: (image) => {
      const steps = byImage.get(image);
      return steps === undefined ? undefined : Math.round([...steps.values()].reduce((sum, ms) => sum + ms, 0));
    },
  };
}
