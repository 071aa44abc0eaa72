/**
 * The variables of a stage, in the order in which they were last set: setting one again moves it to the end.
 *
 * A mutable map, so that a look-up costs the same however many variables there are; a stage that builds on another
 * takes a copy.
 */
export interface Environment {
  readonly variables: Map<string, string>;
  /** `KEY=value` of each, until a variable is set. */
  entries: readonly string[] | undefined;
}

export function newEnvironment(variables: ReadonlyMap<string, string> = new Map()): Environment {
  return { variables: new Map(variables), entries: undefined };
}

export function setVariable(env: Environment, key: string, value: string): void {
  env.variables.delete(key);
  env.variables.set(key, value);
  env.entries = undefined;
}

/** `KEY=value` of each variable; the same list as long as none is set. */
export function variableEntries(env: Environment): readonly string[] {
  env.entries ??= Array.from(env.variables, ([key, value]) => `${key}=${value}`);
  return env.entries;
}

/** Key and value of `KEY=value`; without "=" the value is empty. */
export function splitVariable(entry: string): readonly [string, string] {
  const equals = entry.indexOf("=");
  return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
}
