/**
 * Names and numbers of signals.
 * Contract: moby/sys/signal v0.7.1: signal.go (`ParseSignal`), signal_linux.go.
 */
import { parseInteger } from "../text/number.ts";
import { toUpper } from "../text/unicode.ts";

const NAMES = new Set(
  (
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP " +
    "TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX"
  ).split(" "),
);
for (let offset = 1; offset <= 15; offset++) NAMES.add(`RTMIN+${offset}`);
for (let offset = 1; offset <= 14; offset++) NAMES.add(`RTMAX-${offset}`);

/** A number other than 0, or a name, with or without SIG. */
export function isSignal(text: string): boolean {
  const number = parseInteger(text);
  return number.kind === "number" ? number.value !== 0n : NAMES.has(toUpper(text).replace(/^SIG/, ""));
}
