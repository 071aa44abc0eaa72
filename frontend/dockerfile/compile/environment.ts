/**
 * The variables of a stage, in the order in which they were last set: setting one again moves it to the end.
 *
 * A mutable map, so that a look-up costs the same however many variables there are; a stage that builds on another
 * takes a copy.
 */
export interface Environment {
  readonly get: (key: string) => string | undefined;
  readonly set: (key: string, value: string) => void;
  readonly keys: () => Iterable<string>;
  /** `KEY=value` of each; the same array until a variable is set. */
  readonly entries: () => readonly string[];
  readonly copy: () => Environment;
}

export function newEnvironment(variables = new Map<string, string>()): Environment {
  let entries: readonly string[] | undefined;
  return {
    get: (key) => variables.get(key),
    set: (key, value) => {
      variables.delete(key);
      variables.set(key, value);
      entries = undefined;
    },
    keys: () => variables.keys(),
    entries: () => {
      entries ??= Array.from(variables, ([key, value]) => `${key}=${value}`);
      return entries;
    },
    copy: () => newEnvironment(new Map(variables)),
  };
}

/** Key and value of `KEY=value`; without "=" the value is empty. */
export function splitVariable(entry: string): readonly [string, string] {
  const equals = entry.indexOf("=");
  return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
}
