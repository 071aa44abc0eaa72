/**
 * `pb.ExecOp` as bytes. Outputs are numbered over the ordered mounts that have one; read-only, cache and tmpfs mounts
 * have none.
 * Contract: moby/buildkit v0.33.0: solver/pb/ops.proto, client/llb/exec.go.
 */
import { type InputList, packedVarints } from "./encode-op.ts";
import { orderedMounts } from "./inputs.ts";
import type { ExecOp, Mount, Process, SecretMount, SshMount } from "./op.ts";
import { unreachable } from "./unreachable.ts";
import type { WireWriter } from "./wire-writer.ts";

const noOutput = -1;
const scratch = -1;

const networkModes = { sandbox: 0, host: 1, none: 2 } as const;
const securityModes = { sandbox: 0, insecure: 1 } as const;
const mountTypes = { bind: 0, secret: 1, ssh: 2, cache: 3, tmpfs: 4 } as const;
const cacheSharings = { shared: 0, private: 1, locked: 2 } as const;
const contentCaches = { default: 0, on: 1, off: 2 } as const;

/** Writes the fields of `pb.ExecOp`, adding to `inputs` what the mounts show, in their order. */
export function encodeExec(op: ExecOp, writer: WireWriter, inputs: InputList): void {
  writer.message(1 /* meta */, () => encodeProcess(op.process, writer));
  let nextOutput = 0;
  for (const mount of orderedMounts(op)) {
    const output = hasOutput(mount) ? nextOutput++ : mount.kind === "secret" || mount.kind === "ssh" ? 0 : noOutput;
    writer.message(2 /* mounts */, () => encodeMount(mount, output, writer, inputs));
  }
  if (op.network !== "sandbox") writer.varint(3 /* network */, networkModes[op.network]);
  if (op.security !== "sandbox") writer.varint(4 /* security */, securityModes[op.security]);
  for (const secret of op.secretEnv) {
    writer.message(5 /* secretenv */, () => {
      if (secret.id !== "") writer.text(1 /* ID */, secret.id);
      if (secret.name !== "") writer.text(2 /* name */, secret.name);
      if (secret.optional) writer.varint(3 /* optional */, 1);
    });
  }
  for (const device of op.devices) {
    writer.message(6 /* cdiDevices */, () => {
      if (device.name !== "") writer.text(1 /* name */, device.name);
      if (device.optional) writer.varint(2 /* optional */, 1);
    });
  }
}

/** Whether what is left in this mount is a result of the vertex. */
export function hasOutput(mount: Mount): boolean {
  return mount.kind === "bind" && mount.output && !mount.readonly;
}

function encodeProcess(process: Process, writer: WireWriter): void {
  for (const arg of process.args) writer.text(1 /* args */, arg);
  for (const variable of process.env) writer.text(2 /* env */, variable);
  if (process.cwd !== "") writer.text(3 /* cwd */, process.cwd);
  if (process.user !== "") writer.text(4 /* user */, process.user);
  const proxy = process.proxyEnv;
  if (proxy !== undefined) {
    writer.message(5 /* proxy_env */, () => {
      if (proxy.httpProxy !== "") writer.text(1 /* http_proxy */, proxy.httpProxy);
      if (proxy.httpsProxy !== "") writer.text(2 /* https_proxy */, proxy.httpsProxy);
      if (proxy.ftpProxy !== "") writer.text(3 /* ftp_proxy */, proxy.ftpProxy);
      if (proxy.noProxy !== "") writer.text(4 /* no_proxy */, proxy.noProxy);
      if (proxy.allProxy !== "") writer.text(5 /* all_proxy */, proxy.allProxy);
    });
  }
  for (const { host, ip } of process.extraHosts) {
    writer.message(6 /* extraHosts */, () => {
      if (host !== "") writer.text(1 /* Host */, host);
      if (ip !== "") writer.text(2 /* IP */, ip);
    });
  }
  if (process.hostname !== "") writer.text(7 /* hostname */, process.hostname);
  for (const { name, soft, hard } of process.ulimits) {
    writer.message(9 /* ulimit */, () => {
      if (name !== "") writer.text(1 /* Name */, name);
      if (soft !== 0) writer.varint(2 /* Soft */, soft);
      if (hard !== 0) writer.varint(3 /* Hard */, hard);
    });
  }
  if (process.cgroupParent !== "") writer.text(10 /* cgroupParent */, process.cgroupParent);
  writer.varint(11 /* removeMountStubsRecursive */, 1);
  if (process.validExitCodes.length > 0) writer.bytes(12 /* validExitCodes */, packedVarints(process.validExitCodes));
}

function encodeMount(mount: Mount, output: number, writer: WireWriter, inputs: InputList): void {
  const input = mount.kind === "bind" || mount.kind === "cache" ? inputs.add(mount.from) : scratch;
  const selector = mount.kind === "bind" || mount.kind === "cache" ? mount.selector : "";
  const readonly = mount.kind !== "secret" && mount.kind !== "ssh" && mount.readonly;
  if (input !== 0) writer.varint(1 /* input */, input);
  if (selector !== "") writer.text(2 /* selector */, selector);
  if (mount.target !== "") writer.text(3 /* dest */, mount.target);
  if (output !== 0) writer.varint(4 /* output */, output);
  if (readonly) writer.varint(5 /* readonly */, 1);
  if (mount.kind !== "bind") writer.varint(6 /* mountType */, mountTypes[mount.kind]);
  switch (mount.kind) {
    case "bind":
      if (mount.contentCache !== "default") writer.varint(24 /* contentCache */, contentCaches[mount.contentCache]);
      return;
    case "tmpfs":
      writer.message(19 /* TmpfsOpt */, () => {
        if (mount.sizeBytes !== 0) writer.varint(1 /* size */, mount.sizeBytes);
      });
      return;
    case "cache":
      writer.message(20 /* cacheOpt */, () => {
        if (mount.id !== "") writer.text(1 /* ID */, mount.id);
        if (mount.sharing !== "shared") writer.varint(2 /* sharing */, cacheSharings[mount.sharing]);
      });
      return;
    case "secret":
      writer.message(21 /* secretOpt */, () => encodeAccess(mount, writer));
      return;
    case "ssh":
      writer.message(22 /* SSHOpt */, () => encodeAccess(mount, writer));
      return;
    default:
      unreachable(mount);
  }
}

/** `pb.SecretOpt` and `pb.SSHOpt`, which have the same fields. */
function encodeAccess(mount: SecretMount | SshMount, writer: WireWriter): void {
  if (mount.id !== "") writer.text(1 /* ID */, mount.id);
  if (mount.uid !== 0) writer.varint(2 /* uid */, mount.uid);
  if (mount.gid !== 0) writer.varint(3 /* gid */, mount.gid);
  if (mount.mode !== 0) writer.varint(4 /* mode */, mount.mode);
  if (mount.optional) writer.varint(5 /* optional */, 1);
}
