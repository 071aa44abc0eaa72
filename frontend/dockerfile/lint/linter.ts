/**
 * Decides which findings are reported, and collects them.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/linter/linter.go.
 */
import { BuildError } from "../../../llb/index.ts";
import type { LineSpan } from "../instruction.ts";
import { trimSpace } from "../text/unicode.ts";
import { type CheckOptions, parseCheckOptions } from "./check-options.ts";
import { type RuleName, rules } from "./rules.ts";

/** What a rule reports. `message` is about this place, `description` about the rule. */
export interface LintWarning {
  readonly rule: RuleName;
  readonly message: string;
  readonly description: string;
  readonly url: string;
  readonly lines: LineSpan;
}

export interface Linter {
  /** Reports unless the rule is skipped. */
  readonly report: (rule: RuleName, message: string, lines: LineSpan) => void;
  /** The same linter, also obeying the `# check=skip=…` among these comments. Its `error` has no meaning there. */
  readonly obeying: (comments: readonly string[]) => Linter;
  readonly warnings: readonly LintWarning[];
}

export function newLinter(options: CheckOptions, warnings: LintWarning[] = []): Linter {
  const skipped = new Set(options.skip);
  const experimental = new Set(options.experimental);
  const isReported = (name: RuleName): boolean =>
    rules[name].experimental
      ? options.experimentalAll || experimental.has(name)
      : !options.skipAll && !skipped.has(name);
  const linter: Linter = {
    warnings,
    report: (name, message, lines) => {
      if (!isReported(name)) return;
      const { description, url } = rules[name];
      warnings.push({ rule: name, message, description, url, lines });
    },
    obeying: (comments) => {
      const more = commentOptions(comments);
      return more === undefined ? linter : newLinter(mergeOptions(options, more), warnings);
    },
  };
  return linter;
}

/** `RULE: text (line N)`, as a build prints it. */
export function shortMessage(warning: LintWarning): string {
  const line = warning.lines.first > 0 ? ` (line ${warning.lines.first})` : "";
  return `${warning.rule}: ${warning.message}${line}`;
}

/** Throws `BuildError` "lint-violation" when there are warnings and `check=error=true`. */
export function checkWarnings(options: CheckOptions, warnings: readonly LintWarning[]): void {
  if (!options.error || warnings.length === 0) return;
  const names = [...new Set(warnings.map((warning) => warning.rule))];
  throw new BuildError("lint-violation", `lint violation found for rules: ${names.join(", ")}`);
}

const DIRECTIVE = /^check\s*=\s*(.+?)\s*$/i;

/** Only the first comment that is a `check` counts; one that can't be read counts as none. */
function commentOptions(comments: readonly string[]): CheckOptions | undefined {
  for (const comment of comments) {
    const value = DIRECTIVE.exec(trimSpace(comment))?.[1];
    if (value === undefined) continue;
    try {
      return parseCheckOptions(value.split(" ", 1)[0] ?? "");
    } catch (error) {
      if (error instanceof BuildError) return undefined;
      throw error;
    }
  }
  return undefined;
}

function mergeOptions(base: CheckOptions, more: CheckOptions): CheckOptions {
  return {
    skipAll: base.skipAll || more.skipAll,
    skip: [...base.skip, ...more.skip],
    experimentalAll: base.experimentalAll || more.experimentalAll,
    experimental: [...base.experimental, ...more.experimental],
    error: base.error,
  };
}
