/** The program that runs a test's command, as a tree of the graph. */
import { inflateRawSync } from "node:zlib";
import { mkfile, type Output, scratch } from "../../../llb/index.ts";
import { RUNNER_PROGRAMS } from "./runner-program.ts";

/** Go's name of the architecture; undefined for one that there is no runner for. */
export function runnerTree(architecture: string): Output | undefined {
  const program = programFor(architecture);
  if (program === undefined) return undefined;
  const bytes = inflateRawSync(Buffer.from(program, "base64"));
  return scratch().file([mkfile("/runner", 0o755, bytes)], { name: "[internal] test runner" }).output;
}

function programFor(architecture: string): string | undefined {
  if (architecture === "amd64") return RUNNER_PROGRAMS.x86_64;
  return architecture === "arm64" ? RUNNER_PROGRAMS.aarch64 : undefined;
}
