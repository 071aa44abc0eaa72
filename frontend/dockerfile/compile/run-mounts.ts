/**
 * The mounts of a RUN.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert_runmount.go, convert_secrets.go,
 * convert_ssh.go; messages as there.
 */
import { posix } from "node:path";
import {
  BuildError,
  cleanPath,
  type Mount as LlbMount,
  newVertex,
  type Output,
  type SecretEnv,
} from "../../../llb/index.ts";
import type { RunInstruction } from "../instruction.ts";
import { type Mount, readMount } from "../instructions/mount.ts";
import { quote } from "../text/quote.ts";
import { expandWord, type Scope } from "./instruction-scope.ts";
import { isAbsolute, toSlash } from "./paths.ts";
import type { Stage } from "./stage.ts";
import { fileInput } from "./tree.ts";

export interface RunMounts {
  readonly mounts: readonly LlbMount[];
  readonly secretEnv: readonly SecretEnv[];
}

/** Reads the mounts with the variables of the stage. Throws `BuildError`. */
export function readMounts(scope: Scope, { mounts }: RunInstruction): Mount[] {
  return mounts.map(({ text }) => readMount(text, (word) => expandWord(scope, word)));
}

export function compileMounts(scope: Scope, mounts: readonly Mount[]): RunMounts {
  const made: LlbMount[] = [];
  const secretEnv: SecretEnv[] = [];
  let agents = 0;
  mounts.forEach((mount, index) => {
    const source = sourceOf(scope, mount, index);
    switch (mount.type) {
      case "secret": {
        const secret = compileSecret(scope, mount);
        if (secret.env !== undefined) secretEnv.push(secret.env);
        if (secret.mount !== undefined) made.push(secret.mount);
        break;
      }
      case "ssh":
        made.push(compileSsh(scope, mount, agents++));
        break;
      default:
        made.push(compileTreeMount(scope, mount, source));
    }
  });
  return { mounts: made, secretEnv };
}

/** The stage a mount shows, or undefined for the main context. */
function sourceOf(scope: Scope, mount: Mount, index: number): Stage | undefined {
  const from = mount.from === "" && mount.type === "cache" ? "scratch" : mount.from;
  if (from === "") return undefined;
  const source = scope.sources[index];
  if (source?.dispatched !== true) {
    throw new BuildError(
      "stage-not-defined-yet",
      `cannot mount from stage ${quote(from)} to ${quote(mount.target)}, stage needs to be defined before current command`,
    );
  }
  return source;
}

function compileTreeMount(scope: Scope, mount: Mount, source: Stage | undefined): LlbMount {
  const { session } = scope;
  const shown = mount.type === "tmpfs" ? undefined : source === undefined ? session.mainContext : source.work.tree;
  const id = `${session.options.build.cacheNamespace}/${mount.id === "" ? cleanPath(mount.target) : mount.id}`;
  const target = mountTarget(scope, mount);
  const path = posix.join("/", mount.source);
  const owned = mount.uid !== undefined || mount.gid !== undefined || mount.mode !== undefined;
  const selected = cleanPath(path) !== "/";
  const from = !selected && owned ? ownedCache(mount, shown) : shown;
  const selector = selected ? cleanPath(path) : owned ? "/cache" : "";
  const used = source === undefined ? scope.stage.contextPaths : source.paths;
  used.add(cleanPath(path));
  switch (mount.type) {
    case "tmpfs":
      return { kind: "tmpfs", target, readonly: mount.readonly, sizeBytes: mount.sizeBytes, selector };
    case "cache": {
      const sharing = mount.sharing ?? "shared";
      return { kind: "cache", target, from, selector, readonly: mount.readonly, id, sharing };
    }
    default: {
      const output = !mount.readonly && !session.options.supports("exec.mount.bind.readwrite-nooutput");
      return { kind: "bind", target, from, selector, readonly: mount.readonly, output, contentCache: "default" };
    }
  }
}

function mountTarget(scope: Scope, { target }: Mount): string {
  const absolute = cleanPath(target).startsWith("/") ? target : posix.join("/", scope.stage.work.dir, target);
  const result = absolute === target ? target : cleanPath(absolute);
  if (result === "/") throw new BuildError("bad-mount", `invalid mount target ${quote(result)}`);
  return result;
}

/** A directory of its own with the owner and permissions that the cache starts with. */
function ownedCache(mount: Mount, from: Output | undefined): Output {
  const id = (value: number | undefined) => ({ kind: "id", id: value ?? 0 }) as const;
  const action = {
    kind: "mkdir",
    input: fileInput(from),
    path: "/cache",
    mode: (mount.mode ?? 0o755) & 0o777,
    makeParents: false,
    owner: { user: id(mount.uid), group: id(mount.gid) },
    timestamp: undefined,
  } as const;
  const name = "[internal] setting cache mount permissions";
  return { vertex: newVertex({ kind: "file", base: from, actions: [action] }, undefined, { name }), index: 0 };
}

function compileSecret(
  scope: Scope,
  mount: Mount,
): { readonly mount: LlbMount | undefined; readonly env: SecretEnv | undefined } {
  const windows = scope.stage.platform?.os === "windows";
  const target = windows ? toSlash(mount.target, "windows") : mount.target;
  const id = mount.source || mount.id || (target === "" ? "" : posix.basename(target) || "/");
  if (id === "") throw new BuildError("bad-mount", "one of source, target required");
  if (windows && target !== "" && !isAbsolute(target, "windows")) {
    throw new BuildError(
      "bad-mount",
      `secret target ${quote(target)} must be an absolute path with forward slashes on Windows, e.g. --mount=type=secret,id=${id},target=C:/path/to/secret`,
    );
  }
  if (windows && target === "" && mount.env === undefined) {
    throw new BuildError(
      "bad-mount",
      `secret target is required on Windows, e.g. --mount=type=secret,id=${id},target=C:/path/to/secret`,
    );
  }
  const optional = !mount.required;
  const { secrets } = scope.stage.outline;
  if (!secrets.has(id)) secrets.set(id, { required: mount.required, lines: scope.place.lines });
  const shown =
    target !== "" ? target : mount.env === undefined ? `/run/secrets/${posix.basename(id) || "/"}` : undefined;
  const { uid = 0, gid = 0, mode = 0o400 } = mount;
  return {
    env: mount.env === undefined ? undefined : { id, name: mount.env, optional },
    mount: shown === undefined ? undefined : { kind: "secret", target: shown, id, uid, gid, mode, optional },
  };
}

function compileSsh(scope: Scope, mount: Mount, index: number): LlbMount {
  if (mount.source !== "") throw new BuildError("bad-mount", "ssh does not support source");
  const { ssh } = scope.stage.outline;
  const id = mount.id === "" ? "default" : mount.id;
  if (!ssh.has(id)) ssh.set(id, { required: mount.required, lines: scope.place.lines });
  const target = mount.target === "" ? `/run/buildkit/ssh_agent.${index}` : mount.target;
  const { uid = 0, gid = 0, mode = 0o600 } = mount;
  return { kind: "ssh", target, id: mount.id, uid, gid, mode, optional: !mount.required };
}
