/**
 * The order in which an exec's mounts are marshalled, and which of them have outputs: the numbers of an exec's inputs
 * and outputs follow from it.
 * Contract: moby/buildkit v0.33.0: client/llb/exec.go.
 */
import { compareBytes } from "./compare-bytes.ts";
import type { ExecOp, Mount } from "./op.ts";

/** By target, equal ones as they were added; then secrets, then ssh agents, as they were added. */
export function orderedMounts(exec: ExecOp): Mount[] {
  const trees = exec.mounts.filter((mount) => mount.kind !== "secret" && mount.kind !== "ssh");
  const secrets = exec.mounts.filter((mount) => mount.kind === "secret");
  const agents = exec.mounts.filter((mount) => mount.kind === "ssh");
  return [...trees.sort((a, b) => compareBytes(a.target, b.target)), ...secrets, ...agents];
}

/** Whether what is left in this mount is a result of the vertex. */
export function hasOutput(mount: Mount): boolean {
  return mount.kind === "bind" && mount.output && !mount.readonly;
}
