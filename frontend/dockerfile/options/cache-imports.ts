/**
 * Caches that a build imports: `cache-imports` as JSON, or the older `cache-from` with names of registries.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/config.go (`init`).
 */
import { BuildError } from "../../../llb/index.ts";
import { quote } from "../text/quote.ts";

/** As the contract of `Solve` has it: `registry` with a `ref`, `gha`, `s3`, `local`, … */
export interface CacheImport {
  readonly type: string;
  readonly attrs: Readonly<Record<string, string>>;
}

/** Throws `BuildError` "bad-option". */
export function parseCacheImports(json: string, registries: string): CacheImport[] {
  const refs = registries === "" ? [] : registries.split(",");
  return [...fromJson(json), ...refs.map((ref) => ({ type: "registry", attrs: { ref } }))];
}

function fromJson(json: string): CacheImport[] {
  if (json === "") return [];
  let entries: unknown;
  try {
    entries = JSON.parse(json);
  } catch (cause) {
    throw bad(json, cause instanceof Error ? cause.message : String(cause));
  }
  if (!Array.isArray(entries)) throw bad(json, "not a list");
  return entries.map((entry: unknown) => readEntry(entry, json));
}

function readEntry(entry: unknown, json: string): CacheImport {
  if (typeof entry !== "object" || entry === null) throw bad(json, "an entry is not an object");
  const type = textOf("Type" in entry ? entry["Type"] : undefined);
  const attrs = "Attrs" in entry ? entry["Attrs"] : undefined;
  const pairs = typeof attrs === "object" && attrs !== null ? Object.entries(attrs) : [];
  return { type, attrs: Object.fromEntries(pairs.map(([key, value]) => [key, textOf(value)])) };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function bad(json: string, reason: string): BuildError {
  return new BuildError("bad-option", `failed to unmarshal cache-imports (${quote(json)}): ${reason}`);
}
