/**
 * Requests for something else than a build.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/requests.go (`HandleSubrequest`); messages as there.
 */
import { BuildError } from "../../../llb/index.ts";
import type { ParseResult } from "../ast.ts";
import { type CompileRound, compileDockerfile } from "../compile/compile-dockerfile.ts";
import type { Known, Lookup } from "../compile/lookup.ts";
import type { CompileOptions } from "../compile/options.ts";
import type { LintWarning } from "../lint/linter.ts";
import { convertLlb } from "./convert-llb.ts";
import { describe } from "./describe.ts";
import { lintResult } from "./lint.ts";
import { outline } from "./outline.ts";
import { listTargets } from "./targets.ts";

export interface SubrequestInput {
  readonly parsed: ParseResult;
  readonly options: Omit<CompileOptions, "targetPlatform">;
  readonly known: Known;
  /** Gets what the linter has to say about the target of an outline. */
  readonly warnings: LintWarning[];
}

export type SubrequestRound =
  | { readonly kind: "needs"; readonly lookups: readonly Lookup[] }
  | { readonly kind: "subrequest"; readonly metadata: ReadonlyMap<string, string> };

/** Undefined when `id` asks for a build. Throws `BuildError`, without places: these have no file to mark. */
export function answerSubrequest(id: string | undefined, input: SubrequestInput): SubrequestRound | undefined {
  if (id === undefined) return undefined;
  try {
    return answer(id, input);
  } catch (error) {
    throw error instanceof BuildError ? new BuildError(error.code, error.message, { cause: error }) : error;
  }
}

function answer(id: string, input: SubrequestInput): SubrequestRound {
  const { parsed, options } = input;
  switch (id) {
    case "frontend.subrequests.describe":
      return { kind: "subrequest", metadata: describe() };
    case "frontend.targets":
      return { kind: "subrequest", metadata: listTargets(parsed, options.source.data) };
    case "frontend.outline": {
      const round = compileTarget(input, { forInformation: true });
      if (round.kind === "needs") return round;
      const metadata = outline(round.target, parsed.dockerfile.stages, options.source.data);
      return { kind: "subrequest", metadata };
    }
    case "frontend.convertllb": {
      const round = compileTarget(input, { forInformation: false });
      return round.kind === "needs" ? round : { kind: "subrequest", metadata: convertLlb(round.output) };
    }
    case "frontend.lint":
      return lint(input);
    default:
      throw new BuildError("unsupported-request", `unsupported request ${id}`);
  }
}

/** For the worker's platform, whatever others are asked for. */
function compileTarget(
  { parsed, options, known, warnings }: SubrequestInput,
  { forInformation }: { readonly forInformation: boolean },
): CompileRound {
  const found: LintWarning[] = [];
  const round = compileDockerfile(parsed, { ...options, targetPlatform: undefined, forInformation }, known, found);
  warnings.splice(0, warnings.length, ...found);
  return round;
}

/** Without a target, all stages are checked. What fails is part of the result. */
function lint({ parsed, options, known }: SubrequestInput): SubrequestRound {
  const warnings: LintWarning[] = [];
  let problem: BuildError | undefined;
  try {
    const allStages = options.build.target === "";
    const round = compileDockerfile(
      parsed,
      { ...options, targetPlatform: undefined, forInformation: true, allStages },
      known,
      warnings,
    );
    if (round.kind === "needs") return round;
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    problem = error;
  }
  return { kind: "subrequest", metadata: lintResult(options.source, warnings, problem) };
}
