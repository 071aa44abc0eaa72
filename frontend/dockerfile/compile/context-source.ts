/** The main context as ops refer to it. */
import { BuildError, local, type Output } from "../../../llb/index.ts";
import type { CompileOptions } from "./options.ts";
import { followPaths } from "./resolve.ts";
import type { Stage } from "./stage.ts";

/** The context as one source for all that use it, with just the paths that they need. */
export function contextSource(
  options: CompileOptions,
  stages: readonly Stage[],
  add: (make: () => Output) => Output,
): Output | undefined {
  const context = options.mainContext;
  if (context.kind === "tree") return context.output;
  return add(() => {
    const used = new Set(stages.flatMap((stage) => [...stage.contextPaths]));
    const { output } = local(context.name, {
      sessionId: options.opts[`local-sessionid:${context.name}`] ?? options.sessionId,
      excludePatterns: excludePatterns(options),
      sharedKeyHint: context.name,
      followPaths: followPaths(used),
      name: "[internal] load build context",
    });
    if (output === undefined) throw new TypeError("a local source has an output");
    return output;
  });
}

/** Throws the `BuildError` that reading them gave. */
export function excludePatterns({ mainContext: context }: CompileOptions): readonly string[] {
  if (context.kind !== "local" || context.excludePatterns === undefined) return [];
  if (context.excludePatterns instanceof BuildError) throw context.excludePatterns;
  return context.excludePatterns;
}
