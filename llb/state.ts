/**
 * The way to write graphs: a {@link State} is a file tree of the graph together with how a process in it would run.
 * Every method returns a new state. Nothing here does I/O, reads a clock or makes an id: the same calls give the same
 * bytes.
 * Contract: moby/buildkit v0.33.0: client/llb/state.go.
 */

import { deleteEnv, type EnvList, envEntries, getEnv, setEnv } from "./env-list.ts";
import { hasOutput, orderedMounts } from "./mount-order.ts";
import type {
  CdiDevice,
  FileAction,
  HostAddress,
  Mount,
  NetworkMode,
  OpMetadata,
  Output,
  ProxyEnv,
  SecretEnv,
  SecurityMode,
  Ulimit,
  Vertex,
} from "./op.ts";
import { absolutePath, joinPath } from "./paths.ts";
import type { Platform } from "./platform.ts";
import type { SourceLocation } from "./source-map.ts";

/** How processes run in a state, apart from their command. */
export interface ProcessDefaults {
  readonly env: EnvList;
  /** Absolute. */
  readonly dir: string;
  readonly user: string;
  readonly hostname: string;
  readonly cgroupParent: string;
  readonly network: NetworkMode;
  readonly security: SecurityMode;
  readonly extraHosts: readonly HostAddress[];
  readonly ulimits: readonly Ulimit[];
  readonly platform: Platform | undefined;
}

/** What any vertex can be given; none of it changes its digest, except `workerFilter` and `platform`. */
export interface VertexOptions extends OpMetadata {
  /** What progress shows (`llb.customname`). */
  readonly name?: string;
  readonly at?: readonly SourceLocation[];
  readonly workerFilter?: readonly string[];
  /** Instead of the state's own. */
  readonly platform?: Platform;
}

export interface RunOptions extends VertexOptions {
  /** Besides the root, in any order; see `mount.ts`. */
  readonly mounts?: readonly Mount[];
  readonly secretEnv?: readonly SecretEnv[];
  readonly devices?: readonly CdiDevice[];
  readonly network?: NetworkMode;
  readonly security?: SecurityMode;
  readonly proxyEnv?: ProxyEnv;
  readonly validExitCodes?: readonly number[];
  /** Mounts the root read-only: the result of the run is then in its other mounts. */
  readonly readonlyRoot?: boolean;
}

/** The outcome of a run: the root's tree as a state, and those of its writable mounts. */
export interface Run {
  readonly root: State;
  /** The tree left in the mount at `target`. Throws a `TypeError` when that mount has no output. */
  readonly mount: (target: string) => State;
}

const PLAIN_DEFAULTS: ProcessDefaults = {
  env: undefined,
  dir: "/",
  user: "",
  hostname: "",
  cgroupParent: "",
  network: "sandbox",
  security: "sandbox",
  extraHosts: [],
  ulimits: [],
  platform: undefined,
};

/** A file tree, and how a process in it would run. Immutable. */
export class State {
  readonly output: Output | undefined;
  readonly defaults: ProcessDefaults;

  /** `output` undefined is scratch. Use the functions of `source.ts` rather than this. */
  constructor(output: Output | undefined, defaults: Partial<ProcessDefaults> = {}) {
    this.output = output;
    this.defaults = { ...PLAIN_DEFAULTS, ...defaults };
  }

  /** The same processes on another tree. */
  withOutput(output: Output | undefined): State {
    return new State(output, this.defaults);
  }

  /** Sets a variable; it is then the last in the order of the process's environment. */
  env(key: string, value: string): State {
    return this.with({ env: setEnv(this.defaults.env, key, value) });
  }

  unsetEnv(key: string): State {
    return this.with({ env: deleteEnv(this.defaults.env, key) });
  }

  /** Undefined where it is not set. */
  getEnv(key: string): string | undefined {
    return getEnv(this.defaults.env, key);
  }

  /** A relative path is taken from the current directory. */
  dir(path: string): State {
    return this.with({ dir: joinPath(this.defaults.dir, path) });
  }

  user(user: string): State {
    return this.with({ user });
  }

  hostname(hostname: string): State {
    return this.with({ hostname });
  }

  network(network: NetworkMode): State {
    return this.with({ network });
  }

  security(security: SecurityMode): State {
    return this.with({ security });
  }

  platform(platform: Platform): State {
    return this.with({ platform });
  }

  /** With several of the defaults replaced. */
  with(changes: Partial<ProcessDefaults>): State {
    return new State(this.output, { ...this.defaults, ...changes });
  }

  /**
   * Runs a command in this tree. Throws a `TypeError` without arguments, or when the platform is not known: from
   * an image, from {@link State.platform} or from the options.
   */
  run(args: readonly string[], options: RunOptions = {}): Run {
    const vertex = this.execVertex(args, options);
    const outputOf = (target: string): Output | undefined => {
      if (vertex.op.kind !== "exec") return undefined;
      const index = orderedMounts(vertex.op)
        .filter(hasOutput)
        .findIndex((mount) => mount.target === target);
      return index < 0 ? undefined : { vertex, index };
    };
    return {
      root: this.withOutput(options.readonlyRoot ? this.output : outputOf("/")),
      mount: (target) => {
        const output = outputOf(target);
        if (output === undefined) throw new TypeError(`the mount at ${target} has no output`);
        return new State(output, { platform: this.defaults.platform });
      },
    };
  }

  /** Changes files of this tree. Relative paths of actions are taken from the state's directory; see `file.ts`. */
  file(actions: readonly ((state: State, index: number) => FileAction)[], options: VertexOptions = {}): State {
    const made = actions.map((action, index) => action(this, index));
    if (made.length === 0) return this;
    const vertex = newVertex({ kind: "file", base: this.output, actions: made }, undefined, options);
    return this.withOutput({ vertex, index: 0 });
  }

  private execVertex(args: readonly string[], options: RunOptions): Vertex {
    const platform = options.platform ?? this.defaults.platform;
    if (args.length === 0) throw new TypeError("a run needs arguments");
    if (platform === undefined) throw new TypeError("a run needs a platform");
    const { defaults } = this;
    const root: Mount = {
      kind: "bind",
      target: "/",
      from: this.output,
      selector: "",
      readonly: options.readonlyRoot ?? false,
      output: true,
      contentCache: "default",
    };
    return newVertex(
      {
        kind: "exec",
        process: {
          args,
          env: envEntries(withAgent(defaults.env, options.mounts ?? [])),
          cwd: absolutePath(defaults.dir),
          user: defaults.user,
          hostname: defaults.hostname,
          cgroupParent: defaults.cgroupParent,
          extraHosts: defaults.extraHosts,
          ulimits: defaults.ulimits,
          validExitCodes: options.validExitCodes ?? [],
          proxyEnv: options.proxyEnv,
        },
        mounts: [root, ...(options.mounts ?? [])],
        network: options.network ?? defaults.network,
        security: options.security ?? defaults.security,
        secretEnv: options.secretEnv ?? [],
        devices: options.devices ?? [],
      },
      platform,
      options,
    );
  }
}

/** With the socket of the first ssh mount in `SSH_AUTH_SOCK`, unless it is set. */
function withAgent(env: EnvList, mounts: readonly Mount[]): EnvList {
  const agent = mounts.find((mount) => mount.kind === "ssh");
  return agent === undefined || getEnv(env, "SSH_AUTH_SOCK") !== undefined
    ? env
    : setEnv(env, "SSH_AUTH_SOCK", agent.target);
}

/** A vertex with the metadata that `options` ask for. */
export function newVertex(op: Vertex["op"], platform: Platform | undefined, options: VertexOptions): Vertex {
  const { name, at, workerFilter, platform: _platform, ...metadata } = options;
  const description = name === undefined ? metadata.description : { ...metadata.description, "llb.customname": name };
  return {
    op,
    platform,
    workerFilter: workerFilter ?? [],
    metadata: description === undefined ? metadata : { ...metadata, description },
    locations: at ?? [],
  };
}
