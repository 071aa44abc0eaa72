/**
 * `memory`, `memswap`, `cpushares`, …: limits of every RUN that are no part of any cache key.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/attr.go (`parseLinuxResources`), util/cpuset; messages as there.
 */
import { BuildError, type LinuxResources } from "../../../llb/index.ts";
import { parseInteger, parseUnsigned } from "../text/number.ts";
import { quote } from "../text/quote.ts";
import { trimSpace } from "../text/unicode.ts";

type Attributes = Readonly<Record<string, string>>;

const LARGEST_CPU = 8192n;

/** Undefined when nothing is limited. Throws `BuildError` "bad-option". */
export function parseLinuxResources(opts: Attributes): LinuxResources | undefined {
  const limits = {
    memory: number(opts, "memory", parseInteger, (value) => value > 0n, "> 0"),
    memorySwap: number(opts, "memswap", parseInteger, (value) => value === -1n || value > 0n, "-1 (unlimited) or > 0"),
    cpuShares: number(opts, "cpushares", parseUnsigned, (value) => value > 0n, "> 0"),
    cpuPeriod: number(opts, "cpuperiod", parseUnsigned, (value) => value > 0n, "> 0"),
    cpuQuota: number(opts, "cpuquota", parseInteger, (value) => value > 0n, "> 0"),
    cpusetCpus: cpuset(opts, "cpusetcpus"),
    cpusetMems: cpuset(opts, "cpusetmems"),
  };
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

function number(
  opts: Attributes,
  key: string,
  parse: typeof parseInteger,
  allowed: (value: bigint) => boolean,
  rule: string,
): number | undefined {
  const text = opts[key] ?? "";
  if (text === "") return undefined;
  const parsed = parse(text);
  if (parsed.kind === "invalid") throw invalid(key, text, parsed.message);
  if (!allowed(parsed.value)) throw invalid(key, text, `must be ${rule}`);
  return Number(parsed.value);
}

function cpuset(opts: Attributes, key: string): string | undefined {
  const text = opts[key] ?? "";
  if (text === "") return undefined;
  for (const part of text.split(",").map(trimSpace)) {
    const problem = part === "" ? undefined : cpusetProblem(part);
    if (problem !== undefined) throw invalid(key, text, problem);
  }
  return text;
}

function cpusetProblem(part: string): string | undefined {
  const dash = part.indexOf("-");
  const ends = (dash < 0 ? [part] : [part.slice(0, dash), part.slice(dash + 1)]).map((end) =>
    parseInteger(dash < 0 ? end : trimSpace(end)),
  );
  const values = ends.map((end) => (end.kind === "number" ? end.value : -1n));
  const [low = -1n, high = low] = values;
  const what = dash < 0 ? "element" : "range";
  if (low < 0n || high < low) return `invalid cpuset ${what} ${quote(part)}`;
  return high > LARGEST_CPU ? `cpuset ${what} ${quote(part)} exceeds maximum ${LARGEST_CPU}` : undefined;
}

function invalid(key: string, text: string, reason: string): BuildError {
  return new BuildError("bad-option", `invalid ${key} value: ${text}: ${reason}`);
}
