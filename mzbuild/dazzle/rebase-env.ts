/** The variables of a chunk as they would be if it had been built on another base. */

/**
 * `chunk` was built on `oldBase`, so that it has that one's variables, and its own, which may have the base's value within them:
 * `/opt/x/bin:$PATH`. What comes from the old base is replaced by what the new one says. Entries are `NAME=VALUE`.
 */
export function rebaseEnv(
  chunk: readonly string[],
  oldBase: readonly string[],
  newBase: readonly string[],
): readonly string[] {
  const before = valuesOf(oldBase);
  const now = valuesOf(newBase);
  return chunk.flatMap((entry) => {
    const [name, value] = split(entry);
    const inherited = before.get(name);
    if (inherited === undefined) return [entry];
    const replacement = now.get(name);
    // The base has dropped a variable that the chunk left alone.
    if (value === inherited) return replacement === undefined ? [] : [`${name}=${replacement}`];
    return [`${name}=${replaceWithin(value, inherited, replacement ?? "")}`];
  });
}

/** Within a list joined by colons. */
function replaceWithin(value: string, old: string, replacement: string): string {
  if (old === "") return value;
  const at = `:${value}:`.indexOf(`:${old}:`);
  if (at === -1) return value;
  const parts = [value.slice(0, at), replacement, value.slice(at + old.length)];
  return parts.join("").replace(/::+/g, ":").replace(/^:|:$/g, "");
}

function valuesOf(env: readonly string[]): ReadonlyMap<string, string> {
  return new Map(env.map(split));
}

function split(entry: string): readonly [string, string] {
  const equals = entry.indexOf("=");
  return equals === -1 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
}
