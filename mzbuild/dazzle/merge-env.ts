/**
 * The environment of a combination. docs/dazzle.md, "Environment".
 * Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/combiner.go (`mergeEnv`), where the order of the result is random and a value may
 * hold no `=`. Here the order is that of first appearance.
 */
import type { EnvVarRule } from "./project-config.ts";

/** `images` are the environments of the base and of each chunk, in order; entries are `NAME=VALUE`. */
export function mergeEnv(images: readonly (readonly string[])[], rules: readonly EnvVarRule[]): readonly string[] {
  const [base = []] = images;
  const merged = new Map(base.map(split));
  // The base takes part twice: what is merged begins with its value, two times.
  for (const [name, value] of images.flatMap((env) => env.map(split))) {
    const old = merged.get(name);
    if (old === undefined) merged.set(name, value);
    else merged.set(name, mergedValue(rules.find((rule) => rule.name === name)?.action, old, value));
  }
  return [...merged].map(([name, value]) => `${name}=${value}`);
}

/** Without `=` it is a variable without a value. */
function split(entry: string): readonly [string, string] {
  const equals = entry.indexOf("=");
  return equals === -1 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
}

function mergedValue(action: string | undefined, old: string, value: string): string {
  switch (action) {
    case "use-last":
      return value;
    case "merge":
      return `${old}:${value}`;
    case "merge-unique":
      return lastOfEach([...old.split(":"), ...value.split(":")]).join(":");
    default:
      return old;
  }
}

function lastOfEach(parts: readonly string[]): readonly string[] {
  return parts.filter((part, index) => parts.lastIndexOf(part) === index);
}
