/**
 * Trees out of trees without running anything.
 * Contract: moby/buildkit v0.33.0: client/llb/merge.go, diff.go.
 */
import { newVertex, State, type VertexOptions } from "./state.ts";

/** The inputs laid on top of each other. Scratch among them is dropped; of a single one, itself; of none, scratch. */
export function merge(inputs: readonly State[], options: VertexOptions = {}): State {
  const trees = inputs.filter((input) => input.output !== undefined);
  const [first, second] = trees;
  if (first === undefined) return new State(undefined);
  if (second === undefined) return first;
  const outputs = trees.map((tree) => tree.output).filter((output) => output !== undefined);
  const vertex = newVertex({ kind: "merge", inputs: outputs }, undefined, options);
  return first.withOutput({ vertex, index: 0 });
}

/** What must be laid on `lower` to get `upper`; all of `upper` when `lower` is scratch. */
export function diff(lower: State, upper: State, options: VertexOptions = {}): State {
  if (lower.output === undefined) return upper.output === undefined ? new State(undefined) : upper;
  const vertex = newVertex({ kind: "diff", lower: lower.output, upper: upper.output }, undefined, options);
  return lower.withOutput({ vertex, index: 0 });
}

/** Solves the definition that `source` holds in a file, `buildkit.llb.definition` by default, as a part of this graph. */
export function build(source: State, options: VertexOptions & { readonly filename?: string } = {}): State {
  if (source.output === undefined) throw new TypeError("there is no definition in scratch");
  const { filename, ...rest } = options;
  const vertex = newVertex(
    { kind: "build", source: source.output, filename: filename ?? "" },
    rest.platform ?? source.defaults.platform,
    rest,
  );
  return source.withOutput({ vertex, index: 0 });
}
