/** Which variables a text asks for in vain when expanding it fails; when it doesn't, `processWord` tells them itself. */
import type { EnvLookup } from "../shell/env.ts";
import { type LexOptions, processWord } from "../shell/lex.ts";

/** The variables that were looked for in vain in a text that can't be expanded. */
export function missingVariables(text: string, env: EnvLookup, lex: LexOptions): Set<string> {
  const missing = new Set<string>();
  const recorder: EnvLookup = {
    get: (name) => {
      const value = env.get(name);
      if (value === undefined) missing.add(name);
      return value;
    },
  };
  try {
    processWord(text, recorder, lex);
  } catch {
    // Known to fail; what it looked for is what counts.
  }
  return missing;
}
