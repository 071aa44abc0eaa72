/** What compiling one instruction works with. */
import type { SourceLocation } from "../../../llb/index.ts";
import type { Linter } from "../lint/linter.ts";
import { messages } from "../lint/rules.ts";
import { type LexOptions, processWord } from "../shell/lex.ts";
import { suggest } from "../text/suggest.ts";
import { type Located, lineRanges } from "./failure.ts";
import { missingVariables } from "./missing-variables.ts";
import type { NameSettings } from "./names.ts";
import type { DispatchSession } from "./session.ts";
import type { Stage } from "./stage.ts";

export interface Scope {
  readonly session: DispatchSession;
  readonly stage: Stage;
  readonly linter: Linter;
  /** Where errors, warnings and ops of the instruction are. */
  readonly place: Located;
  readonly onbuild: boolean;
  /** What COPY and RUN of this instruction take from, as the plan found them. */
  readonly sources: readonly Stage[];
}

/** Args that are for the scanner of the result, not for its processes. */
export const scannerArgs: ReadonlySet<string> = new Set(["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"]);

/** Expands a text with the variables of the stage, and reports those that nobody defined. */
export function expandWord(scope: Scope, text: string, lex: LexOptions = scope.session.lex): string {
  const { variables: env } = scope.stage.work.env;
  try {
    const word = processWord(text, env, lex);
    lintUndefined(scope, word.unmatched);
    return word.text;
  } catch (error) {
    lintUndefined(scope, missingVariables(text, env, lex));
    throw error;
  }
}

function lintUndefined(scope: Scope, names: Iterable<string>): void {
  const { env, args } = scope.stage.work;
  for (const name of names) {
    if (args.has(name) || scannerArgs.has(name)) continue;
    const message = messages.undefinedVar(name, suggest(name, env.variables.keys()));
    scope.linter.report("UndefinedVar", message, scope.place.lines);
  }
}

/** Adds an entry to the image's history. `layer`: the instruction changes files. */
export function addHistory(scope: Scope, createdBy: string, layer = false): void {
  const { image } = scope.stage.work;
  const created = scope.session.epoch?.text;
  const entry = { created, createdBy, author: "", comment: "buildkit.dockerfile.v0", emptyLayer: !layer };
  image.history = { entry, before: image.history };
}

/** Where the op of this instruction is in the file. */
export function locationOf(scope: Scope): SourceLocation[] {
  return [{ source: scope.session.options.source, ranges: lineRanges(scope.place.lines) }];
}

export function nameSettings(scope: Scope, platform: NameSettings["platform"]): NameSettings {
  const { build, label } = scope.session.options;
  return {
    platform,
    multiPlatform: build.multiPlatform,
    label,
    env: scope.stage.work.env.variables,
    onbuild: scope.onbuild,
    hostPlatform: build.hostPlatform,
  };
}
