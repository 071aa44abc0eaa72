/**
 * SOURCE_DATE_EPOCH among the arguments: whatever it names becomes a number of seconds.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`getBuildArgValue`, `setBuildArgValue`).
 */
import type { Dockerfile } from "../ast.ts";
import type { ContextSettings } from "../context/named-context.ts";
import type { LexOptions } from "../shell/lex.ts";
import type { GlobalArgs } from "./global-args.ts";
import type { CompileOptions } from "./options.ts";
import { type Epoch, resolveEpoch } from "./source-date-epoch.ts";

export interface DatedArgs {
  readonly globalArgs: GlobalArgs;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly epoch: Epoch | undefined;
}

const EPOCH_ARG = "SOURCE_DATE_EPOCH";

/** Replaces SOURCE_DATE_EPOCH by the number of seconds it stands for; undefined while that is not known. */
export function dateArgs(
  args: GlobalArgs,
  around: {
    readonly dockerfile: Dockerfile;
    readonly options: CompileOptions;
    readonly contexts: ContextSettings;
    readonly lex: LexOptions;
  },
): DatedArgs | undefined {
  const { buildArgs } = around.options.build;
  const value = buildArgs.get(EPOCH_ARG) ?? (args.values.get(EPOCH_ARG) || undefined);
  if (value === undefined) return { globalArgs: args, buildArgs, epoch: undefined };
  const resolved = resolveEpoch(value, {
    contexts: around.contexts,
    mainContext: around.options.mainContext,
    stages: around.dockerfile.stages,
    buildArgs,
    globalArgs: args.values,
    lex: around.lex,
  });
  if (resolved.kind === "open") return undefined;
  const { epoch } = resolved;
  const replace = (values: ReadonlyMap<string, string>): Map<string, string> => {
    const replaced = new Map(values);
    if (!replaced.delete(EPOCH_ARG)) return replaced;
    return epoch === undefined ? replaced : replaced.set(EPOCH_ARG, String(epoch.seconds));
  };
  return { globalArgs: { ...args, values: replace(args.values) }, buildArgs: replace(buildArgs), epoch };
}
