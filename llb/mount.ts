/** Mounts of a run, with the defaults that BuildKit's own library gives them. */
import type { BindMount, CacheMount, CacheSharing, SecretMount, SshMount, TmpfsMount } from "./op.ts";
import type { State } from "./state.ts";

/** Shows `from` at `target`, read-only unless `writable`; what is written there is an output of the run, or lost with `output: false`. */
export function bindMount(
  target: string,
  from: State,
  options: { readonly selector?: string; readonly writable?: boolean; readonly output?: boolean } = {},
): BindMount {
  const writable = options.writable ?? false;
  return {
    kind: "bind",
    target,
    from: from.output,
    selector: options.selector ?? "",
    readonly: !writable,
    output: writable && (options.output ?? true),
    contentCache: "default",
  };
}

/** A directory that the daemon keeps between builds. Its content is never part of a cache key nor of a result. */
export function cacheMount(
  target: string,
  id: string,
  options: { readonly sharing?: CacheSharing; readonly from?: State } = {},
): CacheMount {
  return {
    kind: "cache",
    target,
    from: options.from?.output,
    selector: "",
    readonly: false,
    id,
    sharing: options.sharing ?? "shared",
  };
}

/** An empty directory in memory, gone with the process. Without `sizeBytes`, the kernel limits it. */
export function tmpfsMount(target: string, options: { readonly sizeBytes?: number } = {}): TmpfsMount {
  return { kind: "tmpfs", target, readonly: false, sizeBytes: options.sizeBytes ?? 0 };
}

/** A secret of the client as a file. Its value is no part of any cache key. */
export function secretMount(
  target: string,
  id: string,
  options: { readonly uid?: number; readonly gid?: number; readonly mode?: number; readonly optional?: boolean } = {},
): SecretMount {
  return {
    kind: "secret",
    target,
    id,
    uid: options.uid ?? 0,
    gid: options.gid ?? 0,
    mode: options.mode ?? 0o400,
    optional: options.optional ?? false,
  };
}

/** The client's ssh agent as a socket. A run sets `SSH_AUTH_SOCK` to the first one's target, unless it is set. */
export function sshMount(
  target: string,
  options: {
    readonly id?: string;
    readonly uid?: number;
    readonly gid?: number;
    readonly mode?: number;
    readonly optional?: boolean;
  } = {},
): SshMount {
  return {
    kind: "ssh",
    target,
    id: options.id ?? "",
    uid: options.uid ?? 0,
    gid: options.gid ?? 0,
    mode: options.mode ?? 0o600,
    optional: options.optional ?? false,
  };
}
