/**
 * HEALTHCHECK.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/parse.go (parseHealthcheck, parseOptInterval).
 */
import { BuildError } from "../../../llb/index.ts";
import type { HealthcheckInstruction, InstructionBase } from "../instruction.ts";
import type { Statement } from "../parser/statement.ts";
import { parseDuration } from "../text/duration.ts";
import { parseInteger } from "../text/number.ts";
import { quote } from "../text/quote.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { toUpper } from "../text/unicode.ts";
import { isJson, needsOneArgument, wordsOf } from "./context.ts";
import { checkFlags, type FlagKinds, type FlagValues } from "./flags.ts";

const FLAGS = {
  interval: "text",
  timeout: "text",
  "start-period": "text",
  "start-interval": "text",
  retries: "text",
} as const satisfies FlagKinds;

const MILLISECOND = 1_000_000n;

export function readHealthcheck(statement: Statement, base: InstructionBase): HealthcheckInstruction {
  const [typeWord, ...command] = wordsOf(statement).map((word) => word.text);
  if (typeWord === undefined) throw needsOneArgument("HEALTHCHECK");
  const type = toUpper(typeWord);
  if (type === "NONE") {
    if (command.length > 0) throw syntaxError("HEALTHCHECK NONE takes no arguments");
    const none = { intervalNs: 0n, timeoutNs: 0n, startPeriodNs: 0n, startIntervalNs: 0n, retries: 0 };
    return { kind: "healthcheck", test: [type], ...none, ...base };
  }
  const flags = checkFlags(base.flags, FLAGS);
  if (type !== "CMD") throw syntaxError(`Unknown type ${quote(type)} in HEALTHCHECK (try CMD)`);
  if (command.length === 0) throw syntaxError("Missing command after HEALTHCHECK CMD");
  return {
    kind: "healthcheck",
    test: [isJson(statement) ? "CMD" : "CMD-SHELL", ...command],
    intervalNs: readInterval(flags, "interval"),
    timeoutNs: readInterval(flags, "timeout"),
    startPeriodNs: readInterval(flags, "start-period"),
    startIntervalNs: readInterval(flags, "start-interval"),
    retries: readRetries(flags),
    ...base,
  };
}

function readInterval(flags: FlagValues, name: keyof typeof FLAGS): bigint {
  const flag = flags.all(name)[0];
  if (flag === undefined || flag.text === "") return 0n;
  const duration = durationAt(flag);
  if (duration !== 0n && duration < MILLISECOND) {
    throw syntaxError(`Interval ${quote(name)} cannot be less than 1ms`, flag.range);
  }
  return duration;
}

function durationAt({ text, range }: ReturnType<FlagValues["all"]>[number]): bigint {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw syntaxError(error.message, range);
  }
}

function readRetries(flags: FlagValues): number {
  const flag = flags.all("retries")[0];
  if (flag === undefined || flag.text === "") return 0;
  const parsed = parseInteger(flag.text);
  if (parsed.kind === "invalid") throw syntaxError(parsed.message, flag.range);
  if (BigInt.asIntN(32, parsed.value) !== parsed.value) {
    throw syntaxError(`strconv.ParseInt: parsing ${quote(flag.text)}: value out of range`, flag.range);
  }
  if (parsed.value < 0n) throw syntaxError(`--retries cannot be negative (${parsed.value})`, flag.range);
  return Number(parsed.value);
}
