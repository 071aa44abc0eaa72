/** What a drawing of the images shows. */
import type { Fingerprint, Image, PlanStep } from "../../mzbuild/index.ts";

export interface GraphFacts {
  /** Names the repository. */
  readonly title: string;
  /** `optimized/x86_64` and the like. */
  readonly variant: string;
  /** Closed under dependency, dependencies first. */
  readonly images: readonly GraphImage[];
}

export interface GraphImage {
  readonly image: Image;
  readonly fingerprint: Fingerprint;
  readonly spec: string;
  /** Undefined where nobody was asked. */
  readonly state: GraphState | undefined;
  readonly measures: GraphMeasures;
}

/** Undefined is unknown. */
export interface GraphMeasures {
  /** Of what a registry has: compressed. */
  readonly sizeBytes?: number | undefined;
  readonly buildMs?: number | undefined;
}

export interface GraphState {
  readonly kind: PlanStep["kind"];
  /** A sentence without its end. */
  readonly reason: string;
}
