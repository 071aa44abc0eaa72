/** "Did you mean": the known names that a mistyped one is most likely to stand for. */
import { compareCodePoints } from "./code-point-order.ts";

/**
 * The candidates within an edit distance of a third of the name's length (at least 2, case ignored), or that start with the
 * name; nearest first, at most `limit`.
 */
export function nearestNames(name: string, candidates: Iterable<string>, limit = 3): readonly string[] {
  const wanted = name.toLowerCase();
  const reach = Math.max(2, Math.floor(wanted.length / 3));
  return [...candidates]
    .map((candidate) => ({ candidate, distance: distanceTo(wanted, candidate.toLowerCase()) }))
    .filter(({ distance, candidate }) => distance <= reach && distance < Math.max(wanted.length, candidate.length))
    .sort((a, b) => a.distance - b.distance || compareCodePoints(a.candidate, b.candidate))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** `did you mean "a" or "b"?`, or nothing where no candidate is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const names = nearestNames(name, candidates).map((near) => JSON.stringify(near));
  const last = names.pop();
  if (last === undefined) return undefined;
  return `did you mean ${names.length === 0 ? last : `${names.join(", ")} or ${last}`}?`;
}

function distanceTo(wanted: string, candidate: string): number {
  if (wanted.length >= 3 && candidate.startsWith(wanted)) return 1;
  return editDistance(wanted, candidate);
}

/** Insertions, deletions, substitutions and swaps of neighbours, each one step. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, (beforePrevious[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
