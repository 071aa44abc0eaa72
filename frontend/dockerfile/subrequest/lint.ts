/**
 * `frontend.lint`: all warnings, and the error if there is one, as data and as text.
 * Contract: moby/buildkit v0.33.0: frontend/subrequests/lint/lint.go, solver/errdefs/source.go.
 */
import { type BuildError, type Definition, marshal, type SourceMap } from "../../../llb/index.ts";
import type { LineSpan } from "../instruction.ts";
import type { LintWarning } from "../lint/linter.ts";
import { decodeText } from "../text/bytes.ts";
import { indentedJson } from "./go-text.ts";
import { jsonLocation } from "./location.ts";

export function lintResult(
  source: SourceMap,
  warnings: readonly LintWarning[],
  error: BuildError | undefined,
): Map<string, string> {
  const result = {
    warnings: warnings.length === 0 ? null : warnings.map(warningJson),
    sources: [sourceJson(source)],
    ...(error === undefined ? {} : { buildError: errorJson(error) }),
  };
  return new Map([
    ["result.json", indentedJson(result)],
    ["result.txt", lintText(source, warnings)],
    ["result.statuscode", warnings.length > 0 || error !== undefined ? "1" : "0"],
    ["version", "1.0.0"],
  ]);
}

function warningJson({ rule, description, url, message, lines }: LintWarning): unknown {
  return {
    ruleName: rule,
    ...(description === "" ? {} : { description }),
    ...(url === "" ? {} : { url }),
    ...(message === "" ? {} : { detail: message }),
    location: jsonLocation([lines]),
  };
}

/** The places of the error, those that touch joined into one. */
function errorJson(error: BuildError): unknown {
  const lines = error.at
    .flatMap(({ start, end }) => linesOf({ first: start.line, last: end.line }))
    .sort((a, b) => a - b);
  const distinct = [...new Set(lines)].map((line) => ({ first: line, last: line }));
  return { message: error.message, location: jsonLocation(distinct) };
}

function linesOf({ first, last }: LineSpan): number[] {
  return Array.from({ length: Math.max(1, last - first + 1) }, (_, index) => first + index);
}

function sourceJson({ filename, language, data, origin }: SourceMap): unknown {
  return {
    filename,
    ...(data.length === 0 ? {} : { data: Buffer.from(data).toString("base64") }),
    ...(origin === undefined ? {} : { definition: definitionJson(marshal(origin)) }),
    language,
  };
}

function definitionJson({ ops, metadata, source }: Definition): unknown {
  const entries = [...metadata]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([digest, { description, caps }]) => [
      digest,
      {
        ...(Object.keys(description).length === 0 ? {} : { description }),
        ...(caps.length === 0 ? {} : { caps: Object.fromEntries(caps.map((cap) => [cap, true])) }),
      },
    ]);
  return {
    def: ops.map(({ bytes }) => Buffer.from(bytes).toString("base64")),
    metadata: Object.fromEntries(entries),
    Source: { locations: Object.fromEntries([...source.locations.keys()].map((digest) => [digest, {}])) },
  };
}

function lintText(source: SourceMap, warnings: readonly LintWarning[]): string {
  const sorted = [...warnings].sort((a, b) => a.lines.first - b.lines.first);
  return sorted
    .map(({ rule, url, message, lines }) => {
      const page = url === "" ? "" : ` - ${url}`;
      return `\nWARNING: ${rule}${page}\n${message}\n${excerpt(source, lines)}`;
    })
    .join("")
    .toWellFormed();
}

/** The lines around a place, those of the place marked. */
function excerpt({ filename, data }: SourceMap, { first, last }: LineSpan): string {
  const lines = decodeText(data).split("\n");
  if (first < 1 || first > lines.length) return "";
  let start = first;
  let end = Math.min(Math.max(first, last), lines.length);
  const padding = start === end ? 4 : 2;
  for (let added = 0; added < padding; added++) {
    if (start > 1) {
      start--;
      added++;
    }
    if (end !== lines.length) {
      end++;
      added++;
    }
  }
  const shown = lines.slice(start - 1, end).map((text, index) => {
    const line = start + index;
    const mark = line >= first && line <= Math.max(first, last) ? ">>>" : "   ";
    return ` ${String(line).padStart(3)} | ${mark} ${text}\n`;
  });
  const rule = "--------------------\n";
  return `${filename}:${first}\n${rule}${shown.join("")}${rule}`;
}
