import type { FileInput, Output } from "../../../llb/index.ts";

/** A tree as file actions take it: nothing, or an output of the graph. */
export function fileInput(tree: Output | undefined): FileInput {
  return tree === undefined ? { kind: "scratch" } : { kind: "output", output: tree };
}
