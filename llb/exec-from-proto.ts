/** `pb.ExecOp` as an {@link ExecOp}, the reverse of `exec-to-proto.ts`. */
import { pb } from "../proto/index.ts";
import { BuildError } from "./build-error.ts";
import type { CacheSharing, ContentCache, ExecOp, Mount, NetworkMode, Output } from "./op.ts";

const NETWORK_MODES: readonly NetworkMode[] = ["sandbox", "host", "none"];
const CACHE_SHARINGS: readonly CacheSharing[] = ["shared", "private", "locked"];
const CONTENT_CACHES: readonly ContentCache[] = ["default", "on", "off"];

/** `input` gives the op's input of a number, and scratch for -1. Throws `BuildError` "bad-definition". */
export function execFromProto(exec: pb.ExecOp, input: (index: number) => Output | undefined): ExecOp {
  const meta = exec.meta ?? pb.Meta.decode(new Uint8Array());
  return {
    kind: "exec",
    process: {
      args: meta.args,
      env: meta.env,
      cwd: meta.cwd,
      user: meta.user,
      hostname: meta.hostname,
      cgroupParent: meta.cgroupParent,
      extraHosts: meta.extraHosts.map(({ Host, IP }) => ({ host: Host, ip: IP })),
      ulimits: meta.ulimit.map(({ Name, Soft, Hard }) => ({ name: Name, soft: Number(Soft), hard: Number(Hard) })),
      validExitCodes: meta.validExitCodes,
      proxyEnv: meta.proxyEnv,
    },
    mounts: exec.mounts.map((mount) => mountFromProto(mount, input)),
    network: NETWORK_MODES[exec.network] ?? "sandbox",
    security: exec.security === 1 ? "insecure" : "sandbox",
    secretEnv: exec.secretenv.map(({ ID, name, optional }) => ({ id: ID, name, optional })),
    devices: exec.cdiDevices,
  };
}

function mountFromProto(mount: pb.Mount, input: (index: number) => Output | undefined): Mount {
  const target = mount.dest;
  const { selector, readonly } = mount;
  switch (mount.mountType) {
    case 0: {
      const contentCache = CONTENT_CACHES[mount.contentCache] ?? "default";
      const from = input(mount.input);
      return { kind: "bind", target, from, selector, readonly, output: mount.output >= 0, contentCache };
    }
    case 1: {
      const { ID: id = "", uid = 0, gid = 0, mode = 0, optional = false } = mount.secretOpt ?? {};
      return { kind: "secret", target, id, uid, gid, mode, optional };
    }
    case 2: {
      const { ID: id = "", uid = 0, gid = 0, mode = 0, optional = false } = mount.SSHOpt ?? {};
      return { kind: "ssh", target, id, uid, gid, mode, optional };
    }
    case 3: {
      const { ID: id = "", sharing = 0 } = mount.cacheOpt ?? {};
      const from = input(mount.input);
      return { kind: "cache", target, from, selector, readonly, id, sharing: CACHE_SHARINGS[sharing] ?? "shared" };
    }
    case 4: {
      const sizeBytes = Number(mount.TmpfsOpt?.size ?? 0);
      return { kind: "tmpfs", target, readonly, sizeBytes, ...(selector === "" ? {} : { selector }) };
    }
    default:
      throw new BuildError("bad-definition", `the LLB definition has a mount of the unknown type ${mount.mountType}`);
  }
}
