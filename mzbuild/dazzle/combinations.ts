/**
 * The combinations of a project as sets of chunks, what they refer to included.
 * Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/project.go (`resolveCombinations`).
 */
import { BuildError, compareBytes } from "../../llb/index.ts";
import { didYouMean } from "../nearest-names.ts";
import type { CombinationEntry } from "./project-config.ts";

export interface Combination {
  readonly name: string;
  /** Names of chunks, in the order of their layers. */
  readonly chunks: readonly string[];
}

/**
 * Sorted by name, chunks too. Of entries with one name the last counts; references in a circle give the union. Throws
 * `BuildError` "unknown-combination".
 */
export function resolveCombinations(entries: readonly CombinationEntry[]): readonly Combination[] {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  for (const entry of byName.values()) {
    for (const [index, name] of entry.ref.entries()) {
      if (!byName.has(name)) throw unknownReference(entry, name, index, byName.keys());
    }
  }
  return [...byName.keys()].sort(compareBytes).map((name) => ({ name, chunks: chunksOf(byName, name) }));
}

function chunksOf(byName: ReadonlyMap<string, CombinationEntry>, name: string): readonly string[] {
  const seen = new Set<string>();
  const chunks = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const entry = byName.get(next);
    for (const chunk of entry?.chunks ?? []) chunks.add(chunk);
    open.push(...(entry?.ref ?? []));
  }
  return [...chunks].sort(compareBytes);
}

function unknownReference(entry: CombinationEntry, name: string, index: number, known: Iterable<string>): BuildError {
  const hint = didYouMean(name, known);
  return new BuildError("unknown-combination", `unknown combination "${name}" referenced in "${entry.name}"`, {
    at: [entry.refAt[index] ?? entry.at],
    ...(hint === undefined ? {} : { hint }),
  });
}
