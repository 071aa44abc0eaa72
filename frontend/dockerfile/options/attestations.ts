/**
 * Which attestations a request asks for: `attest:sbom=generator=…`, `attest:provenance=mode=max`.
 * Contract: moby/buildkit v0.33.0: frontend/attestations/parse.go; messages as there.
 */
import { BuildError } from "../../../llb/index.ts";
import { csvFields } from "../text/csv.ts";
import { quote } from "../text/quote.ts";
import { toLower } from "../text/unicode.ts";

const PREFIXES = ["attest:", "build-arg:BUILDKIT_ATTEST_"];
const TYPES = new Set(["sbom", "provenance"]);
const DEFAULTS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  sbom: [["generator", "docker/buildkit-syft-scanner:stable-1"]],
  provenance: [["version", "v1"]],
};

/** The parameters of each, by its type. Throws `BuildError` "bad-option". */
export function parseAttestations(
  opts: Readonly<Record<string, string>>,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (const [key, value] of Object.entries(opts)) {
    const prefix = PREFIXES.find((candidate) => key.startsWith(candidate));
    if (prefix !== undefined) {
      const type = toLower(key.slice(prefix.length));
      found.set(type, parameters(type, value));
    }
  }
  for (const type of found.keys()) {
    if (!TYPES.has(type)) throw new BuildError("bad-option", `unknown attestation type ${quote(type)}`);
  }
  return found;
}

function parameters(type: string, text: string): Map<string, string> {
  const fields = text === "" ? [] : readFields(type, text);
  return new Map([
    ...(DEFAULTS[type] ?? []),
    ...fields.map((field): readonly [string, string] => {
      const equals = field.indexOf("=");
      return equals < 0 ? [field, ""] : [field.slice(0, equals), field.slice(equals + 1)];
    }),
  ]);
}

function readFields(type: string, text: string): string[] {
  try {
    return csvFields(text);
  } catch (cause) {
    if (!(cause instanceof BuildError)) throw cause;
    throw new BuildError("bad-option", `failed to parse ${type}: ${cause.message}`, { cause });
  }
}
