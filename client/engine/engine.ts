/** What discovery looks for, and the step that all its ways share: an address becomes an engine when it has answered. */
import type { TlsFiles } from "../transport/index.ts";
import type { Attempt } from "./engine-error.ts";
import type { Setup } from "./host.ts";
import type { Probe } from "./probe.ts";

export type EngineKind = "given" | "buildx" | "docker" | "socket" | "embedded";

export interface Engine {
  readonly kind: EngineKind;
  /** As `connectAddress` of client/transport takes it. */
  readonly address: string;
  readonly tls?: TlsFiles | undefined;
  /** BuildKit's version as the engine itself says it; empty where it doesn't (old Docker engines). */
  readonly version: string;
  /** One line: which engine, and why this one. */
  readonly description: string;
}

export interface Search extends Setup {
  readonly probe: Probe;
}

/** The outcome of one way: an engine, or what was tried on it (nothing, where there was nothing to try). */
export type Found =
  | { readonly kind: "found"; readonly engine: Engine }
  | { readonly kind: "passed"; readonly tried: readonly Attempt[] };

export interface Candidate {
  readonly kind: EngineKind;
  readonly address: string;
  readonly tls: TlsFiles | undefined;
  /** Names it in the list of what was tried. */
  readonly what: string;
  /** Why it is taken if it answers. */
  readonly why: string;
  readonly timeoutMs: number;
}

export async function candidate(
  search: Search,
  { kind, address, tls, what, why, timeoutMs }: Candidate,
): Promise<Found> {
  const answer = await search.probe(address, { tls, env: search.host.env, timeoutMs, signal: search.signal });
  if (answer.kind === "silent") return passed(what, answer.reason, answer.hint);
  const { version } = answer;
  const description = `${version === "" ? "BuildKit" : `BuildKit ${version}`} at ${address} (${why})`;
  return { kind: "found", engine: { kind, address, tls, version, description } };
}

export function passed(what: string, result: string, hint?: string): Found {
  return { kind: "passed", tried: [{ what, result, ...(hint === undefined ? {} : { hint }) }] };
}

export const nothingToTry: Found = { kind: "passed", tried: [] };
