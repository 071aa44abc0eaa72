/**
 * `frontend.outline`: the build args, secrets and ssh agents that a target takes.
 * Contract: moby/buildkit v0.33.0: frontend/subrequests/outline/outline.go, dockerfile2llb/outline.go.
 */

import type { Stage as ParsedStage } from "../ast.ts";
import { type AccessRecord, type ArgRecord, findArg, type OutlineRecord } from "../compile/outline-record.ts";
import type { Stage } from "../compile/stage.ts";
import { columns, indentedJson } from "./go-text.ts";
import { jsonLocation } from "./location.ts";

/** `stages` are those of the file; `target` is the compiled one. */
export function outline(target: Stage, stages: readonly ParsedStage[], data: Uint8Array): Map<string, string> {
  const args = new Map<string, ArgRecord>();
  const secrets = new Map<string, AccessRecord>();
  const ssh = new Map<string, AccessRecord>();
  for (const stage of inOrder(target)) {
    for (const [key, record] of usedArgs(stage.outline)) if (!args.has(key)) args.set(key, record);
    for (const [id, record] of stage.outline.secrets) if (!secrets.has(id)) secrets.set(id, record);
    for (const [id, record] of stage.outline.ssh) if (!ssh.has(id)) ssh.set(id, record);
  }
  const description = stages.find(({ from }) => from === target.from)?.description ?? "";
  const found = { name: target.name, description, args: byLine(args), secrets: byLine(secrets), ssh: byLine(ssh) };
  return new Map([
    ["result.json", outlineJson(found, data)],
    ["result.txt", outlineText(found)],
    ["version", "1.0.0"],
  ]);
}

interface Found {
  readonly name: string;
  readonly description: string;
  readonly args: readonly (readonly [string, ArgRecord])[];
  readonly secrets: readonly (readonly [string, AccessRecord])[];
  readonly ssh: readonly (readonly [string, AccessRecord])[];
}

function outlineJson({ name, description, args, secrets, ssh }: Found, data: Uint8Array): string {
  const access = (records: Found["secrets"]) =>
    records.map(([id, { required, lines }]) => ({
      name: id,
      ...(required ? { required } : {}),
      location: jsonLocation([lines]),
    }));
  return indentedJson({
    ...(name === "" ? {} : { name }),
    ...(description === "" ? {} : { description }),
    ...(args.length === 0 ? {} : { args: args.map(([, record]) => argJson(record)) }),
    ...(secrets.length === 0 ? {} : { secrets: access(secrets) }),
    ...(ssh.length === 0 ? {} : { ssh: access(ssh) }),
    sources: [Buffer.from(data).toString("base64")],
  });
}

function argJson({ definition, value, lines }: ArgRecord): unknown {
  const { key, description } = definition;
  return {
    name: key,
    ...(description === "" ? {} : { description }),
    ...(value === "" ? {} : { value }),
    location: jsonLocation([lines]),
  };
}

function outlineText({ name, description, args, secrets, ssh }: Found): string {
  const tables: string[] = [];
  if (name !== "" || description !== "") {
    const rows = [["TARGET:", name === "" ? "(default)" : name]];
    if (description !== "") rows.push(["DESCRIPTION:", description]);
    tables.push(columns(rows, 1));
  }
  if (args.length > 0) {
    const rows = args.map(([, { definition, value }]) => [definition.key, value, definition.description]);
    tables.push(columns([["BUILD ARG", "VALUE", "DESCRIPTION"], ...rows], 3));
  }
  for (const [title, records] of [
    ["SECRET", secrets],
    ["SSH", ssh],
  ] as const) {
    if (records.length === 0) continue;
    const rows = records.map(([id, { required }]) => [id, required ? "true" : ""]);
    tables.push(columns([[title, "REQUIRED"], ...rows], 3));
  }
  return tables.map((table) => `${table}\n`).join("");
}

/** The stage, what it builds on, and what it takes from; each once. */
function inOrder(target: Stage): Stage[] {
  const order: Stage[] = [];
  const seen = new Set<Stage>();
  const waiting = [target];
  for (let stage = waiting.pop(); stage !== undefined; stage = waiting.pop()) {
    if (seen.has(stage)) continue;
    seen.add(stage);
    order.push(stage);
    waiting.push(...[...stage.dependencies.keys()].reverse());
    if (stage.base !== undefined) waiting.push(stage.base);
  }
  return order;
}

/** The ARGs that are used, and those that their defaults refer to. */
function usedArgs(record: OutlineRecord): Map<string, ArgRecord> {
  const used = new Map<string, ArgRecord>();
  const seen = new Set(record.used);
  // The set grows while it is walked.
  for (const key of seen) {
    const arg = findArg(record, key);
    if (arg === undefined) continue;
    used.set(key, arg);
    for (const other of arg.uses) seen.add(other);
  }
  return used;
}

function byLine<T extends { readonly lines: { readonly first: number } }>(
  records: ReadonlyMap<string, T>,
): (readonly [string, T])[] {
  return [...records].sort(([, a], [, b]) => a.lines.first - b.lines.first);
}
