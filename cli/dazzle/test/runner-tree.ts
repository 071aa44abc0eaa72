/** The program that runs a test's command, as a tree of the graph. */
import { inflateRawSync } from "node:zlib";
import { mkfile, type Output, scratch } from "../../../llb/index.ts";
import { RUNNER_PROGRAMS } from "./runner-program.ts";

/** Go's name of the architecture; undefined for one that there is no runner for. */
export function runnerTree(architecture: string): Output | undefined {
  const bytes = runnerProgram(architecture);
  if (bytes === undefined) return undefined;
  return scratch().file([mkfile("/runner", 0o755, bytes)], { name: "[internal] test runner" }).output;
}

/** Its bytes, for Go's name of an architecture. */
export function runnerProgram(architecture: string): Uint8Array | undefined {
  const text = programFor(architecture);
  return text === undefined ? undefined : inflateRawSync(Buffer.from(text, "base64"));
}

function programFor(architecture: string): string | undefined {
  if (architecture === "amd64") return RUNNER_PROGRAMS.x86_64;
  return architecture === "arm64" ? RUNNER_PROGRAMS.aarch64 : undefined;
}
