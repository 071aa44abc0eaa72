/**
 * An {@link ExecOp} as `pb.ExecOp`. Outputs are numbered over the ordered mounts that have one; read-only, cache and
 * tmpfs mounts have none.
 * Contract: moby/buildkit v0.33.0: solver/pb/ops.proto, client/llb/exec.go.
 */
import type { Init, pb } from "../proto/index.ts";
import { hasOutput, orderedMounts } from "./mount-order.ts";
import type { ExecOp, Mount, Process } from "./op.ts";
import type { InputList } from "./to-proto.ts";
import { unreachable } from "./unreachable.ts";

const NO_OUTPUT = -1;
const SCRATCH = -1;

const NETWORK_MODES = { sandbox: 0, host: 1, none: 2 } as const;
const SECURITY_MODES = { sandbox: 0, insecure: 1 } as const;
const MOUNT_TYPES = { bind: 0, secret: 1, ssh: 2, cache: 3, tmpfs: 4 } as const;
const CACHE_SHARINGS = { shared: 0, private: 1, locked: 2 } as const;
const CONTENT_CACHES = { default: 0, on: 1, off: 2 } as const;

/** Adds to `inputs` what the mounts show, in their order. */
export function execToProto(op: ExecOp, inputs: InputList): Init<pb.ExecOp> {
  let outputs = 0;
  return {
    meta: processToProto(op.process),
    mounts: orderedMounts(op).map((mount) => mountToProto(mount, () => outputs++, inputs)),
    network: NETWORK_MODES[op.network],
    security: SECURITY_MODES[op.security],
    secretenv: op.secretEnv.map(({ id, name, optional }) => ({ ID: id, name, optional })),
    cdiDevices: op.devices,
  };
}

function processToProto(process: Process): Init<pb.Meta> {
  return {
    args: process.args,
    env: process.env,
    cwd: process.cwd,
    user: process.user,
    hostname: process.hostname,
    cgroupParent: process.cgroupParent,
    extraHosts: process.extraHosts.map(({ host, ip }) => ({ Host: host, IP: ip })),
    ulimit: process.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    validExitCodes: process.validExitCodes,
    proxyEnv: process.proxyEnv,
    removeMountStubsRecursive: true,
  };
}

function mountToProto(mount: Mount, nextOutput: () => number, inputs: InputList): Init<pb.Mount> {
  const dest = mount.target;
  const mountType = MOUNT_TYPES[mount.kind];
  switch (mount.kind) {
    case "bind": {
      const { selector, readonly } = mount;
      const input = inputs.add(mount.from);
      const output = hasOutput(mount) ? nextOutput() : NO_OUTPUT;
      return { input, dest, output, selector, readonly, contentCache: CONTENT_CACHES[mount.contentCache] };
    }
    case "cache": {
      const { selector, readonly } = mount;
      const cacheOpt = { ID: mount.id, sharing: CACHE_SHARINGS[mount.sharing] };
      return { input: inputs.add(mount.from), dest, output: NO_OUTPUT, selector, readonly, mountType, cacheOpt };
    }
    case "tmpfs": {
      const TmpfsOpt = { size: mount.sizeBytes };
      const { selector = "", readonly } = mount;
      return { input: SCRATCH, dest, output: NO_OUTPUT, selector, readonly, mountType, TmpfsOpt };
    }
    case "secret": {
      const { id: ID, uid, gid, mode, optional } = mount;
      return { input: SCRATCH, dest, mountType, secretOpt: { ID, uid, gid, mode, optional } };
    }
    case "ssh": {
      const { id: ID, uid, gid, mode, optional } = mount;
      return { input: SCRATCH, dest, mountType, SSHOpt: { ID, uid, gid, mode, optional } };
    }
    default:
      return unreachable(mount);
  }
}
