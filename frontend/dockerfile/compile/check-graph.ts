/**
 * What only shows once the graph is complete: a process without a command, in a place where it would run.
 * Contract: moby/buildkit v0.33.0: client/llb/exec.go (`Validate`).
 */
import { BuildError, type Output, type Vertex, walkInputs } from "../../../llb/index.ts";

/** Throws `BuildError` "empty-command". */
export function checkGraph(root: Output | undefined): void {
  if (root === undefined) return;
  const seen = new Set<Vertex>([root.vertex]);
  // The set grows while it is walked.
  for (const { op } of seen) {
    if (op.kind === "exec" && op.process.args.length === 0) {
      throw new BuildError("empty-command", "failed to marshal LLB definition: arguments are required");
    }
    for (const { vertex } of walkInputs(op)) seen.add(vertex);
  }
}
