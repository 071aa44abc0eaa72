/**
 * Where expansion looks for variables. A `Map` of names to values is one; look-ups must not depend on how many
 * variables there are.
 */
export interface EnvLookup {
  /** The value, "" included, or undefined when the variable is not set. */
  get(name: string): string | undefined;
}

/** No variable is set. */
export const emptyEnv: EnvLookup = new Map<string, string>();
