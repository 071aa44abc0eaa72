/**
 * The outputs that an op refers to, in the order of the walk that makes a definition. For file ops it is not that of
 * `pb.Op.inputs`: the walk goes from the last action back to the first.
 * Contract: moby/buildkit v0.33.0: client/llb (`Inputs()` and `Marshal()` of each op).
 */
import { orderedMounts } from "./mount-order.ts";
import type { FileAction, FileOp, Mount, Op, Output } from "./op.ts";
import { unreachable } from "./unreachable.ts";

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
function mountInput(mount: Mount): Output[] {
  return (mount.kind === "bind" || mount.kind === "cache") && mount.from !== undefined ? [mount.from] : [];
}

/** The output that an action copies from, if it is in the graph. */
function copySource(action: FileAction): Output | undefined {
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
