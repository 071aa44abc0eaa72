/**
 * What only shows once the graph is complete: a process without a command, in a place where it would run, and texts that
 * are no UTF-8, which the contracts don't allow.
 * Contract: moby/buildkit v0.33.0: client/llb/exec.go (`Validate`); proto3.
 */
import { BuildError, type Output, type Vertex, walkInputs } from "../../../llb/index.ts";

/** Throws `BuildError` "empty-command" or "bad-text". */
export function checkGraph(root: Output | undefined): void {
  if (root === undefined) return;
  const seen = new Set<Vertex>([root.vertex]);
  // The set grows while it is walked.
  for (const { op } of seen) {
    if (op.kind === "exec" && op.process.args.length === 0) {
      throw new BuildError("empty-command", "failed to marshal LLB definition: arguments are required");
    }
    if (!isText(op)) {
      throw new BuildError("bad-text", "failed to marshal LLB definition: string field contains invalid UTF-8");
    }
    for (const { vertex } of walkInputs(op)) seen.add(vertex);
  }
}

/** Whether all texts of an op can be sent, not looking into the trees it refers to. */
function isText(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null || "vertex" in value || value instanceof Uint8Array) return true;
  return Object.entries(value).every(([key, field]) => isText(key) && isText(field));
}
