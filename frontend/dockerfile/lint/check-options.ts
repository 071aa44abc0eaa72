/**
 * What `# check=skip=A,B;error=true` and BUILDKIT_DOCKERFILE_CHECK say about lint rules.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/linter/linter.go (`ParseLintOptions`); messages as there.
 */
import { BuildError } from "../../../llb/index.ts";
import { parseBool } from "../text/number.ts";
import { quote } from "../text/quote.ts";
import { trimSpace } from "../text/unicode.ts";

export interface CheckOptions {
  readonly skipAll: boolean;
  readonly skip: readonly string[];
  readonly experimentalAll: boolean;
  readonly experimental: readonly string[];
  /** A warning fails the build. */
  readonly error: boolean;
}

/** All rules that are no experiments, as warnings. */
export const defaultCheckOptions: CheckOptions = {
  skipAll: false,
  skip: [],
  experimentalAll: false,
  experimental: [],
  error: false,
};

const MOST_PARTS = 3;

/** Throws `BuildError` "bad-check-options". */
export function parseCheckOptions(text: string): CheckOptions {
  let options = defaultCheckOptions;
  const trimmed = trimSpace(text);
  if (trimmed === "") return options;
  for (const part of splitAtMost(trimmed, ";", MOST_PARTS)) {
    const equals = part.indexOf("=");
    if (equals < 0) throw new BuildError("bad-check-options", `invalid check option ${quote(part)}`);
    const key = trimSpace(part.slice(0, equals));
    const value = trimSpace(part.slice(equals + 1));
    const rules = value.split(",").map(trimSpace);
    switch (key) {
      case "skip":
        options = value === "all" ? { ...options, skipAll: true } : { ...options, skip: rules };
        break;
      case "experimental":
        options = value === "all" ? { ...options, experimentalAll: true } : { ...options, experimental: rules };
        break;
      case "error":
        options = { ...options, error: readBool(value, part) };
        break;
      default:
        throw new BuildError("bad-check-options", `invalid check option ${quote(key)}`);
    }
  }
  return options;
}

function readBool(value: string, part: string): boolean {
  const flag = parseBool(value);
  if (flag === undefined) {
    throw new BuildError(
      "bad-check-options",
      `failed to parse check option ${quote(part)}: strconv.ParseBool: parsing ${quote(value)}: invalid syntax`,
    );
  }
  return flag;
}

function splitAtMost(text: string, separator: string, count: number): string[] {
  const parts = text.split(separator);
  return parts.length <= count ? parts : [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}
