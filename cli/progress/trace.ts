/**
 * What is known of a build: its steps, fed by the events of BuildKit's status stream. Renderers read it; it draws nothing.
 *
 * A step is a vertex, or a progress group: several vertices which are shown as one. A weak group stays hidden until one of its
 * members that isn't weak has started or failed. Source of these rules: moby/buildkit v0.33.0: util/progress/progressui/display.go.
 */
import type { ProgressEvent, ProgressStatus, ProgressVertex, ProgressWarning } from "../../client/index.ts";
import { coveredMs, type Interval } from "./intervals.ts";
import { LogTail, type LogTailOptions } from "./log-tail.ts";
import type { GroupOf, StepLabel } from "./step-label.ts";

/** A step as it stands; the trace goes on changing it. */
export interface Step {
  readonly digest: string;
  readonly name: string;
  readonly label: StepLabel;
  readonly intervals: readonly Interval[];
  readonly state: StepState;
  /** Empty unless it failed. */
  readonly error: string;
  /** By id, in order of arrival. */
  readonly transfers: ReadonlyMap<string, ProgressStatus>;
  readonly log: LogTail;
  readonly warnings: readonly ProgressWarning[];
  /** Not to be shown: a weak group of which nothing is worth showing yet. */
  readonly hidden: boolean;
}

export type StepState = "waiting" | "running" | "done" | "cached" | "failed" | "cancelled";

export interface TraceOptions {
  readonly groupOf: GroupOf;
  /** The clock of this machine, in milliseconds since 1970. */
  readonly now: () => number;
  readonly log: LogTailOptions;
}

type MutableStep = { -readonly [Key in keyof Step]: Step[Key] } & {
  members: Map<string, ProgressVertex>;
  transfers: Map<string, ProgressStatus>;
  warnings: ProgressWarning[];
  intervalsByStart: Map<string, Interval>;
};

export class Trace {
  readonly #options: TraceOptions;
  /** By digest of a vertex, and by id of a group. */
  readonly #steps = new Map<string, MutableStep>();
  readonly #started: number;
  /** What has to be added to the daemon's times to have ours. */
  #clockDifferenceMs: number | undefined;

  constructor(options: TraceOptions) {
    this.#options = options;
    this.#started = options.now();
  }

  /** All steps that are to be shown, in the order in which they became known. */
  get steps(): readonly Step[] {
    return [...new Set(this.#steps.values())].filter((step) => !step.hidden);
  }

  /** Now, by the daemon's clock, as far as it can be known. */
  get daemonNowMs(): number {
    return this.#options.now() - (this.#clockDifferenceMs ?? 0);
  }

  /** How long ago this trace was begun. */
  get elapsedMs(): number {
    return this.#options.now() - this.#started;
  }

  /** Takes in an event; returns the step that it has changed, or undefined for an event about no known vertex. */
  update(event: ProgressEvent): Step | undefined {
    if (event.kind === "vertex") return this.#updateVertex(event);
    const step = this.#steps.get(event.vertex);
    switch (event.kind) {
      case "status":
        step?.transfers.set(event.id, event);
        break;
      case "log":
        step?.log.add(event);
        break;
      case "warning":
        step?.warnings.push(event);
        break;
    }
    return step;
  }

  #updateVertex(vertex: ProgressVertex): Step {
    const step = this.#stepOf(vertex);
    if (vertex.startedMs !== undefined) {
      this.#clockDifferenceMs ??= this.#options.now() - vertex.startedMs;
      step.intervalsByStart.set(`${vertex.digest} ${vertex.startedMs}`, {
        startMs: vertex.startedMs,
        endMs: vertex.completedMs,
      });
      step.intervals = [...step.intervalsByStart.values()];
    }
    // The same vertex may be announced once more after it has started; that changes nothing.
    if (vertex.startedMs !== undefined || !step.members.has(vertex.digest)) step.members.set(vertex.digest, vertex);
    const members = [...step.members.values()];
    step.error = members.find(({ error }) => error !== "")?.error ?? "";
    step.state = stateOf(members, step.error);
    if (step.state !== "running" && step.state !== "waiting") step.log.flush();
    if (vertex.group === undefined || (vertex.startedMs !== undefined && !vertex.group.weak) || step.error !== "") {
      step.hidden = false;
    }
    return step;
  }

  #stepOf(vertex: ProgressVertex): MutableStep {
    const key = vertex.group?.id ?? vertex.digest;
    const step = this.#steps.get(key) ?? this.#newStep(key, vertex.group?.name ?? vertex.name);
    this.#steps.set(key, step);
    this.#steps.set(vertex.digest, step);
    return step;
  }

  #newStep(digest: string, name: string): MutableStep {
    return {
      digest,
      name,
      label: this.#options.groupOf(name),
      intervals: [],
      state: "waiting",
      error: "",
      transfers: new Map(),
      log: new LogTail(this.#options.log),
      warnings: [],
      members: new Map(),
      intervalsByStart: new Map(),
      hidden: true,
    };
  }
}

function stateOf(members: readonly ProgressVertex[], error: string): StepState {
  // The daemon stops every other vertex when one has failed, and says it in these words.
  if (error !== "") return error.endsWith("context canceled") ? "cancelled" : "failed";
  if (members.every(({ startedMs }) => startedMs === undefined)) return "waiting";
  if (members.some(({ startedMs, completedMs }) => startedMs !== undefined && completedMs === undefined))
    return "running";
  return members.every(({ cached }) => cached) ? "cached" : "done";
}

/** Whether nothing more is to be expected of a step, unless it is started again. */
export function isOver(step: Step): boolean {
  return step.state !== "waiting" && step.state !== "running";
}

/** How long a step has run, its repetitions together. */
export function stepMs(step: Step, nowMs: number): number {
  return coveredMs(step.intervals, nowMs);
}

/** What has to be shown of a step later, is shown: its output can be forgotten unless it tells why it failed. */
export function forgetOutput(step: Step): void {
  if (step.state === "done" || step.state === "cached") step.log.clear();
}

/** When a step was last over, by the daemon's clock. */
export function endMs(step: Step): number {
  return Math.max(0, ...step.intervals.map((interval) => interval.endMs ?? 0));
}
