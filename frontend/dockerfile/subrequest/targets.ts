/**
 * `frontend.targets`: the stages of the file.
 * Contract: moby/buildkit v0.33.0: frontend/subrequests/targets/targets.go, dockerfile2llb/convert.go (`ListTargets`).
 */
import { BuildError } from "../../../llb/index.ts";
import type { ParseResult } from "../ast.ts";
import { columns, indentedJson } from "./go-text.ts";
import { jsonLocation } from "./location.ts";

/** Throws `BuildError` when the file can't be read. */
export function listTargets({ dockerfile, error }: ParseResult, data: Uint8Array): Map<string, string> {
  if (error !== undefined) throw new BuildError("dockerfile", error.message);
  const { stages } = dockerfile;
  const last = stages.length - 1;
  const targets = stages.map(({ name, from, description }, index) => ({
    ...(name === undefined ? {} : { name }),
    ...(index === last ? { default: true } : {}),
    ...(description === "" ? {} : { description }),
    ...(from.base.text === "" ? {} : { base: from.base.text }),
    ...(from.platform ? { platform: from.platform } : {}),
    location: jsonLocation([from.lines]),
  }));
  const rows = stages.map(({ name, description }, index) => [shownName(name ?? "", index === last), description]);
  const sources = [Buffer.from(data).toString("base64")];
  return new Map([
    ["result.json", indentedJson({ targets: targets.length === 0 ? null : targets, sources })],
    ["result.txt", columns([["TARGET", "DESCRIPTION"], ...rows], 1)],
    ["version", "1.0.0"],
  ]);
}

function shownName(name: string, isDefault: boolean): string {
  if (!isDefault) return name;
  return name === "" ? "(default)" : `${name} (default)`;
}
