/**
 * The outputs that an op refers to, in the two orders that matter.
 *
 * `pb.Op.inputs` lists them as the op's own numbering needs them; the walk that orders a definition visits them
 * differently for file ops: from the last action back to the first.
 * Contract: moby/buildkit v0.33.0: client/llb (`Inputs()` and `Marshal()` of each op).
 */
import { compareBytes } from "./compare-bytes.ts";
import type { ExecOp, FileAction, FileOp, Mount, Op, Output } from "./op.ts";
import { unreachable } from "./unreachable.ts";

/** The mounts as they are marshalled: by target, then secrets and ssh agents as they were added. */
export function orderedMounts(exec: ExecOp): Mount[] {
  const trees = exec.mounts.filter((mount) => mount.kind !== "secret" && mount.kind !== "ssh");
  const secrets = exec.mounts.filter((mount) => mount.kind === "secret");
  const agents = exec.mounts.filter((mount) => mount.kind === "ssh");
  if (trees.length > 1) trees.sort((a, b) => compareBytes(a.target, b.target));
  return [...trees, ...secrets, ...agents];
}

/** The outputs of `op` in the order of the walk that makes a definition. Repetitions are possible. */
export function walkInputs(op: Op): readonly Output[] {
  switch (op.kind) {
    case "source":
      return [];
    case "exec":
      return orderedMounts(op).flatMap(mountInput);
    case "file":
      return fileWalk(op);
    case "merge":
    case "passthrough":
      return op.inputs;
    case "diff":
      return [op.lower, op.upper].filter((output) => output !== undefined);
    case "build":
      return [op.source];
    default:
      return unreachable(op);
  }
}

/** The output that a mount shows, if it shows one. */
export function mountInput(mount: Mount): Output[] {
  return (mount.kind === "bind" || mount.kind === "cache") && mount.from !== undefined ? [mount.from] : [];
}

/** The output that an action copies from, if it is in the graph. */
export function copySource(action: FileAction): Output | undefined {
  return action.kind === "copy" && action.source.kind === "output" ? action.source.output : undefined;
}

function fileWalk(op: FileOp): Output[] {
  const outputs: Output[] = [];
  for (let index = op.actions.length - 1; index >= 0; index--) {
    const action = op.actions[index];
    if (action === undefined) continue;
    if (op.base !== undefined) outputs.push(op.base);
    const source = copySource(action);
    if (source !== undefined) outputs.push(source);
  }
  return outputs;
}
