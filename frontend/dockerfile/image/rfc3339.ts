/**
 * Times in JSON, read and written as Go does: a fraction loses its final zeros, a zero offset becomes "Z".
 * Contract: Go 1.26 time.Time (`UnmarshalJSON`, `MarshalJSON`); messages as there.
 */
import { quote } from "../text/quote.ts";

const LAYOUT = "2006-01-02T15:04:05Z07:00";
const STEPS = [
  { pattern: /^\d{4}/, layout: "2006" },
  { pattern: /^-/, layout: "-" },
  { pattern: /^\d{2}/, layout: "01", range: [1, 12], name: "month" },
  { pattern: /^-/, layout: "-" },
  { pattern: /^\d{2}/, layout: "02", range: [1, 31], name: "day" },
  { pattern: /^T/, layout: "T" },
  { pattern: /^\d{2}/, layout: "15", range: [0, 23], name: "hour" },
  { pattern: /^:/, layout: ":" },
  { pattern: /^\d{2}/, layout: "04", range: [0, 59], name: "minute" },
  { pattern: /^:/, layout: ":" },
  { pattern: /^\d{2}(?:[.,]\d+)?/, layout: "05", range: [0, 59], name: "second" },
  { pattern: /^(?:Z|[+-]\d{2}:\d{2})/, layout: "Z07:00" },
] as const;

/** The time in Go's form, or the message of its error. */
export function normalizeTime(text: string): { readonly time: string } | { readonly problem: string } {
  let rest = text;
  let time = "";
  for (const step of STEPS) {
    const found = step.pattern.exec(rest)?.[0];
    if (found === undefined) {
      return {
        problem: `parsing time ${quote(text)} as ${quote(LAYOUT)}: cannot parse ${quote(rest)} as ${quote(step.layout)}`,
      };
    }
    if ("range" in step) {
      const value = Number.parseInt(found, 10);
      if (value < step.range[0] || value > step.range[1]) {
        return { problem: `parsing time ${quote(text)}: ${step.name} out of range` };
      }
    }
    rest = rest.slice(found.length);
    time += found;
  }
  if (rest !== "") return { problem: `parsing time ${quote(text)}: extra text: ${quote(rest)}` };
  const [year, month, day] = time.slice(0, 10).split("-").map(Number);
  if ((day ?? 0) > new Date(Date.UTC(year ?? 0, month ?? 1, 0)).getUTCDate()) {
    return { problem: `parsing time ${quote(text)}: day out of range` };
  }
  const fraction = /[.,]\d+/.exec(time)?.[0];
  const kept = fraction === undefined ? "" : fraction.slice(1, 10).replace(/0+$/, "");
  const plain = fraction === undefined ? time : time.replace(fraction, kept === "" ? "" : `.${kept}`);
  return { time: plain.replace(/[+-]00:00$/, "Z") };
}
