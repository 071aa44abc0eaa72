/**
 * Which image makes the bill of materials, and with what parameters.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/config.go (`init`); messages as there.
 */
import { BuildError, formatImageReference, parseImageReference, withDefaultTag } from "../../../llb/index.ts";

export interface SbomOptions {
  /** In full, with a tag or digest. */
  readonly generator: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** `attributes` are those of `attest:sbom`. Throws `BuildError` "bad-option". */
export function sbomOptions(attributes: ReadonlyMap<string, string> | undefined): SbomOptions | undefined {
  if (attributes === undefined) return undefined;
  const { generator = "", ...parameters } = Object.fromEntries(attributes);
  const parsed = parseImageReference(generator);
  if (parsed.kind === "invalid") {
    throw new BuildError("bad-option", `failed to parse sbom scanner ${generator}: ${parsed.message}`);
  }
  return {
    generator: formatImageReference(withDefaultTag(parsed.reference)),
    parameters: new Map(Object.entries(parameters)),
  };
}
