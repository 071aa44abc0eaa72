/**
 * Environment variables in the order in which they were last set, as LLB keeps them.
 * Contract: moby/buildkit v0.33.0: client/llb/meta.go (`EnvList`).
 */

/** An immutable list; each change is a new link to the list before. Setting a variable again moves it to the end. */
export type EnvList = EnvLink | undefined;

interface EnvLink {
  readonly key: string;
  /** `undefined` removes the variable. */
  readonly value: string | undefined;
  readonly previous: EnvList;
}

/** With the variable as the last one, whether it was there or not. */
export function setEnv(list: EnvList, key: string, value: string): EnvList {
  return { key, value, previous: list };
}

/** Without the variable. */
export function deleteEnv(list: EnvList, key: string): EnvList {
  return { key, value: undefined, previous: list };
}

/** The value of `key`, or `undefined` when it is not set. */
export function getEnv(list: EnvList, key: string): string | undefined {
  for (let link = list; link !== undefined; link = link.previous) if (link.key === key) return link.value;
  return undefined;
}

/** `KEY=value` for each variable, in the order in which they were last set. */
export function envEntries(list: EnvList): string[] {
  const entries: string[] = [];
  const seen = new Set<string>();
  for (let link = list; link !== undefined; link = link.previous) {
    if (seen.has(link.key)) continue;
    seen.add(link.key);
    if (link.value !== undefined) entries.push(`${link.key}=${link.value}`);
  }
  return entries.reverse();
}
