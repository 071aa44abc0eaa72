/**
 * What a stage takes from outside: ARGs, secrets, ssh agents. Gathered while it is compiled, for the outline.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/outline.go.
 */
import type { ArgDefinition, LineSpan } from "../instruction.ts";

export interface ArgRecord {
  readonly definition: ArgDefinition;
  readonly value: string;
  readonly lines: LineSpan;
  /** ARGs that the default refers to. */
  readonly uses: ReadonlySet<string>;
}

export interface AccessRecord {
  readonly required: boolean;
  readonly lines: LineSpan;
}

export interface OutlineRecord {
  /** The global ARGs, shared by all stages; `args` has those of the stage, which hide them. */
  readonly globalArgs: ReadonlyMap<string, ArgRecord>;
  readonly args: Map<string, ArgRecord>;
  readonly used: Set<string>;
  readonly secrets: Map<string, AccessRecord>;
  readonly ssh: Map<string, AccessRecord>;
}

/** The record of a stage that begins with what the FROM of its base used. */
export function newOutlineRecord(
  globalArgs: ReadonlyMap<string, ArgRecord>,
  used: Iterable<string> = [],
): OutlineRecord {
  return { globalArgs, args: new Map(), used: new Set(used), secrets: new Map(), ssh: new Map() };
}

export function findArg(outline: OutlineRecord, key: string): ArgRecord | undefined {
  return outline.args.get(key) ?? outline.globalArgs.get(key);
}
