/**
 * The capabilities of the solver that an op needs, so that an old daemon refuses it with a clear message.
 * Contract: moby/buildkit v0.33.0: solver/pb/caps.go, and where client/llb adds them. File ops only ever have
 * `file.base` there, whatever they use; so here.
 */
import type { ExecOp, Mount, Op, SourceOp, Vertex } from "./op.ts";
import { unreachable } from "./unreachable.ts";

/** The capabilities of `vertex`, sorted: those of its op, and those that its metadata add. */
export function capsOf(vertex: Vertex): string[] {
  const caps = new Set([...opCaps(vertex.op), ...(vertex.metadata.caps ?? [])]);
  if (vertex.op.kind === "exec" && vertex.metadata.linuxResources !== undefined) caps.add("exec.meta.linux.resources");
  return [...caps].sort();
}

function opCaps(op: Op): string[] {
  switch (op.kind) {
    case "source":
      return sourceCaps(op);
    case "exec":
      return execCaps(op);
    case "file":
      return ["file.base"];
    case "merge":
      return ["mergeop"];
    case "diff":
      return ["diffop"];
    case "build":
      return ["source.buildop.llbfilename"];
    case "passthrough":
      return ["passthroughop"];
    default:
      return unreachable(op);
  }
}

/** What an attribute of a source asks for; attributes that are not here ask for nothing. */
const ATTR_CAPS: Readonly<Record<string, string>> = {
  "image.layerlimit": "source.image.layerlimit",
  "image.checksum": "source.image.checksum",
  "local.session": "source.local.sessionid",
  "local.unique": "source.local.unique",
  "local.includepattern": "source.local.includepatterns",
  "local.followpaths": "source.local.followpaths",
  "local.excludepatterns": "source.local.excludepatterns",
  "local.sharedkeyhint": "source.local.sharedkeyhint",
  "local.metadatatransfer": "source.local.metadatatransfer",
  "git.keepgitdir": "source.git.keepgitdir",
  "git.fullurl": "source.git.fullurl",
  "git.knownsshhosts": "source.git.knownsshhosts",
  "git.mountsshsock": "source.git.mountsshsock",
  "git.checksum": "source.git.checksum",
  "git.skipsubmodules": "source.git.skipsubmodules",
  "git.mtime": "source.git.mtime",
  "git.fetchbycommit": "source.git.fetchbycommit",
  "git.bundle": "source.git.bundle",
  "git.checkoutbundle": "source.git.checkoutbundle",
  "http.checksum": "source.http.checksum",
  "http.perm": "source.http.perm",
  // The name is misspelt in the contract.
  "http.uid": "soruce.http.uidgid",
  "http.gid": "soruce.http.uidgid",
  "http.authheadersecret": "source.http.auth",
  "http.sig.pubkey": "source.http.signatureverify",
};

const SCHEME_CAPS = [
  ["docker-image+blob://", "source.imageblob"],
  ["oci-layout+blob://", "source.imageblob"],
  ["docker-image://", "source.image"],
  ["oci-layout://", "source.ocilayout"],
  ["local://", "source.local"],
  ["git://", "source.git"],
  ["http://", "source.http"],
  ["https://", "source.http"],
] as const;

function sourceCaps(op: SourceOp): string[] {
  const scheme = SCHEME_CAPS.find(([prefix]) => op.identifier.startsWith(prefix));
  if (scheme === undefined) return [];
  // Blobs take the attributes of http sources without their capabilities.
  if (scheme[1] === "source.imageblob") return [scheme[1]];
  const caps: string[] = [scheme[1]];
  for (const [name, value] of Object.entries(op.attrs)) {
    const cap = ATTR_CAPS[name];
    if (cap !== undefined) caps.push(cap);
    if (name.startsWith("http.header.")) caps.push("source.http.header");
    if (name === "image.resolvemode" && value === "pull") caps.push("source.image.resolvemode");
  }
  return caps;
}

function execCaps(op: ExecOp): string[] {
  const caps = ["exec.meta.base", ...op.mounts.flatMap(mountCaps)];
  if (op.process.validExitCodes.length > 0) caps.push("exec.validexitcode");
  if (op.process.ulimits.length > 0) caps.push("exec.meta.ulimit");
  if (op.process.proxyEnv !== undefined) caps.push("exec.meta.proxyenv");
  if (op.network !== "sandbox") caps.push("exec.meta.network");
  if (op.security !== "sandbox") caps.push("exec.meta.security");
  if (op.devices.length > 0) caps.push("exec.meta.cdi");
  if (op.secretEnv.length > 0) caps.push("exec.mount.secret", "exec.secretenv");
  return caps;
}

function mountCaps(mount: Mount): string[] {
  switch (mount.kind) {
    case "bind": {
      const caps = mount.selector === "" ? [] : ["exec.mount.selector"];
      if (mount.from !== undefined) caps.push("exec.mount.bind");
      if (mount.contentCache !== "default") caps.push("exec.mount.cache.content");
      return caps;
    }
    case "cache":
      return [
        ...(mount.selector === "" ? [] : ["exec.mount.selector"]),
        "exec.mount.cache",
        "exec.mount.cache.sharing",
      ];
    case "tmpfs": {
      const caps = mount.sizeBytes > 0 ? ["exec.mount.tmpfs", "exec.mount.tmpfs.size"] : ["exec.mount.tmpfs"];
      return mount.selector ? [...caps, "exec.mount.selector"] : caps;
    }
    case "secret":
      return ["exec.mount.secret"];
    case "ssh":
      return ["exec.mount.ssh"];
    default:
      return unreachable(mount);
  }
}
