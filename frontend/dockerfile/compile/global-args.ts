/**
 * ARGs before the first FROM, and the ones that are there by themselves.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/platform.go (`defaultArgs`), convert.go
 * (`buildMetaArgs`).
 */
import { formatFullPlatform, formatPlatform, type Platform } from "../../../llb/index.ts";
import type { ArgInstruction } from "../instruction.ts";
import { type LexOptions, processWord } from "../shell/lex.ts";
import { locating } from "./failure.ts";
import type { ArgRecord } from "./outline-record.ts";

/** BUILDPLATFORM and its kin; build args of the same name win. */
export function automaticArgs(
  build: Platform,
  target: Platform,
  overrides: ReadonlyMap<string, string>,
  stage: string,
): Map<string, string> {
  const args: [string, string][] = [
    ["BUILDPLATFORM", formatPlatform(build)],
    ["BUILDOS", build.os],
    ["BUILDOSVERSION", build.osVersion],
    ["BUILDARCH", build.architecture],
    ["BUILDVARIANT", build.variant],
    ["TARGETPLATFORM", formatFullPlatform(target)],
    ["TARGETOS", target.os],
    ["TARGETOSVERSION", target.osVersion],
    ["TARGETARCH", target.architecture],
    ["TARGETVARIANT", target.variant],
    ["TARGETSTAGE", stage === "" ? "default" : stage],
  ];
  return new Map(args.map(([key, value]) => [key, overrides.get(key) ?? value]));
}

export interface GlobalArgs {
  readonly values: Map<string, string>;
  readonly records: ReadonlyMap<string, ArgRecord>;
}

/** The values of the global ARGs. Throws `BuildError` at the ARG whose default can't be expanded. */
export function evaluateGlobalArgs(
  automatic: ReadonlyMap<string, string>,
  instructions: readonly ArgInstruction[],
  buildArgs: ReadonlyMap<string, string>,
  lex: LexOptions,
): GlobalArgs {
  const values = new Map(automatic);
  const records = new Map<string, ArgRecord>();
  for (const instruction of instructions) {
    for (const definition of instruction.args) {
      const { key } = definition;
      const given = buildArgs.get(key);
      const written = given === undefined ? definition.value : undefined;
      const expanded =
        written === undefined ? undefined : locating(instruction, () => processWord(written, values, lex));
      const value = given ?? expanded?.text;
      if (value !== undefined) {
        // The last ARG of a name is where it stands among the others.
        values.delete(key);
        values.set(key, value);
      }
      const uses = withFormerUses(key, expanded?.matched ?? new Set(), records.get(key));
      records.set(key, { definition, value: value ?? "", lines: instruction.lines, uses });
    }
  }
  return { values, records };
}

/** A default that refers to its own name uses what the former one used. */
function withFormerUses(key: string, matched: ReadonlySet<string>, former: ArgRecord | undefined): ReadonlySet<string> {
  if (!matched.has(key)) return matched;
  const others = [...matched].filter((name) => name !== key);
  return new Set([...others, ...(former?.uses ?? [])]);
}
