/**
 * `--attest` as docker buildx reads it: "type=provenance,mode=max", "type=sbom,generator=IMAGE", "type=sbom,disabled=true".
 * Source: docker/buildx v0.37.0: util/buildflags/attests.go; the daemon makes them: moby/buildkit v0.33.0: control/control.go (Solve).
 */
import { ClientError } from "../client-error.ts";
import { keyValues, parseBoolean } from "./key-values.ts";

const TYPES = ["provenance", "sbom"];

/** Attributes of a solve, by name. Throws `ClientError` "bad-option". */
export function parseAttests(texts: readonly string[]): Readonly<Record<string, string>> {
  const attests = new Map<string, string>();
  for (const text of texts) {
    const values = new Map(keyValues("--attest", text));
    const type = values.get("type") ?? "";
    if (!TYPES.includes(type)) {
      throw new ClientError("bad-option", `--attest ${text}: the type is ${TYPES.join(" or ")}`, {
        hint: "such as --attest type=provenance,mode=max",
      });
    }
    if (attests.has(`attest:${type}`)) throw new ClientError("bad-option", `--attest: ${type} is asked for twice`);
    const disabled = parseBoolean(values.get("disabled") ?? "false");
    if (disabled === undefined) throw new ClientError("bad-option", `--attest ${text}: disabled is true or false`);
    if (disabled) continue;
    values.delete("type");
    values.delete("disabled");
    attests.set(`attest:${type}`, [...values].map(([key, value]) => quoted(`${key}=${value}`)).join(","));
  }
  return Object.fromEntries(attests);
}

function quoted(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
