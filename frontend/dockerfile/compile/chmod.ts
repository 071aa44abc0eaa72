/**
 * `--chmod`: octal, or symbolic as `chmod` has it.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert_copy.go; tonistiigi/dchapes-mode (`Parse`).
 */
import { BuildError, type CopyMode } from "../../../llb/index.ts";

const LARGEST_MODE = 0o7777;
const CLAUSE = "[ugoa]*(?:[-+=][rwxXstugo]*)+";
const SYMBOLIC = new RegExp(`^${CLAUSE}(?:,${CLAUSE})*$`);

/** Empty keeps the permissions of the source. Throws `BuildError` "bad-chmod". */
export function copyMode(text: string): CopyMode {
  if (text === "") return { kind: "keep" };
  if (/^[0-9]/.test(text)) {
    const bits = /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
    if (bits <= LARGEST_MODE) return { kind: "bits", bits };
    throw new BuildError(
      "bad-chmod",
      `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`,
    );
  }
  if (!SYMBOLIC.test(text)) throw new BuildError("bad-chmod", "invalid syntax");
  return { kind: "symbolic", text };
}
