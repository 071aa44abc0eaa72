/**
 * Where the caller lets cached results come from.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/config.go (`init`: `cache-imports`, and `cache-from` of older clients).
 */
import { BuildError } from "../../llb/index.ts";
import type { gateway, Init } from "../../proto/index.ts";
import type { Attributes } from "../dockerfile/index.ts";

type CacheImport = Init<gateway.CacheOptionsEntry>;

/** Throws `BuildError` "bad-option". */
export function cacheImports(opts: Attributes): CacheImport[] {
  const references = (opts["cache-from"] ?? "").split(",").filter((reference) => reference !== "");
  return [
    ...fromJson(opts["cache-imports"] ?? ""),
    ...references.map((reference) => ({ Type: "registry", Attrs: { ref: reference } })),
  ];
}

function fromJson(text: string): CacheImport[] {
  if (text === "") return [];
  try {
    const entries: unknown = JSON.parse(text);
    if (!Array.isArray(entries)) throw new TypeError("not a list");
    return entries.map(entryOf);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildError("bad-option", `failed to unmarshal cache-imports (${JSON.stringify(text)}): ${reason}`, {
      cause,
    });
  }
}

function entryOf(entry: unknown): CacheImport {
  if (typeof entry !== "object" || entry === null) throw new TypeError("an entry is not an object");
  const type = "Type" in entry && typeof entry.Type === "string" ? entry.Type : "";
  const attrs = "Attrs" in entry && typeof entry.Attrs === "object" && entry.Attrs !== null ? entry.Attrs : {};
  const texts = Object.entries(attrs).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return { Type: type, Attrs: Object.fromEntries(texts) };
}
