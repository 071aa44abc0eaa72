/**
 * Builder flags: which an instruction knows, and what is wrong with those written.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/bflag.go.
 */
import type { SourceRange } from "../../../llb/index.ts";
import type { Flag } from "../instruction.ts";
import { suggest, withSuggestion } from "../text/suggest.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { toLower } from "../text/unicode.ts";

/** `texts` may come more than once, the others may not. */
export type FlagKind = "bool" | "text" | "texts";

export type FlagKinds = Readonly<Record<string, FlagKind>>;

export interface FlagText {
  readonly text: string;
  readonly range: SourceRange;
}

/** The values of checked flags, by name. */
export interface FlagValues {
  /** The value of a `text` flag, or undefined when it is not there. */
  readonly text: (name: string) => string | undefined;
  /** The value of a `bool` flag, or undefined when it is not there. */
  readonly bool: (name: string) => boolean | undefined;
  readonly all: (name: string) => readonly FlagText[];
}

/** Most instructions have no flags, and there may be very many instructions. */
const NO_FLAGS: FlagValues = { text: () => undefined, bool: () => undefined, all: () => [] };

/** Throws `BuildError` for the first flag that is unknown, doubled, or has a bad value. */
export function checkFlags(flags: readonly Flag[], kinds: FlagKinds): FlagValues {
  if (flags.length === 0) return NO_FLAGS;
  const values = new Map<string, FlagText[]>();
  for (const flag of flags) {
    if (!Object.hasOwn(kinds, flag.name)) throw unknownFlag(flag, kinds);
    const kind = kinds[flag.name];
    const before = values.get(flag.name);
    if (before !== undefined && kind !== "texts") throw flagError("duplicate flag specified", flag);
    const value = { text: kind === "bool" ? boolText(flag) : requiredText(flag), range: flag.range };
    if (before === undefined) values.set(flag.name, [value]);
    else before.push(value);
  }
  return {
    text: (name) => values.get(name)?.[0]?.text,
    bool: (name) => {
      const value = values.get(name)?.[0]?.text;
      return value === undefined ? undefined : value === "true";
    },
    all: (name) => values.get(name) ?? [],
  };
}

function boolText(flag: Flag): "true" | "false" {
  if (flag.value === undefined) return "true";
  if (flag.value === "") throw flagError("missing a value on flag", flag);
  const value = toLower(flag.value);
  if (value === "true" || value === "false") return value;
  throw syntaxError(`expecting boolean value for flag --${flag.name}, not: ${flag.value}`, flag.range);
}

function requiredText(flag: Flag): string {
  if (flag.value === undefined) throw flagError("missing a value on flag", flag);
  return flag.value;
}

function unknownFlag(flag: Flag, kinds: FlagKinds): Error {
  const message = `unknown flag: --${flag.name}`;
  return syntaxError(withSuggestion(message, suggest(flag.name, Object.keys(kinds).sort())), flag.range);
}

function flagError(problem: string, flag: Flag): Error {
  return syntaxError(`${problem}: --${flag.name}`, flag.range);
}
