/**
 * The operations of LLB and the vertices that carry them, as immutable values.
 *
 * A graph is made of {@link Output}s: one result of a {@link Vertex}, which holds an {@link Op} that refers to
 * further outputs. `undefined` in the place of an output is scratch, the empty file system.
 * Contract: moby/buildkit v0.33.0: solver/pb/ops.proto (package `pb`), client/llb.
 */
import type { Platform } from "./platform.ts";
import type { SourceLocation } from "./source-map.ts";

/** One result of a vertex. `index` counts an op's outputs from 0, as `pb.Input.index` does. */
export interface Output {
  readonly vertex: Vertex;
  readonly index: number;
}

/** A node of the graph. Its digest depends on `op`, `platform` and `workerFilter`, never on the rest. */
export interface Vertex {
  readonly op: Op;
  /** Only image and OCI layout sources and execs have one; it is not marshalled for other ops. */
  readonly platform: Platform | undefined;
  /** containerd filters that a worker must satisfy, in order. */
  readonly workerFilter: readonly string[];
  readonly metadata: OpMetadata;
  readonly locations: readonly SourceLocation[];
}

export type Op = SourceOp | ExecOp | FileOp | MergeOp | DiffOp | BuildOp | PassthroughOp;

/** Something that comes from outside: `docker-image://`, `local://`, `git://`, `https://`, `oci-layout://`, a blob. */
export interface SourceOp {
  readonly kind: "source";
  readonly identifier: string;
  /** Keys and values as in solver/pb/attr.go. */
  readonly attrs: Readonly<Record<string, string>>;
}

/** A process in a container whose root and other mounts are outputs of the graph. */
export interface ExecOp {
  readonly kind: "exec";
  readonly process: Process;
  /**
   * In the order in which they were added. Marshalling sorts all but secrets and ssh by target, bytewise, and
   * keeps the order of equal targets; the one at `/` is the root.
   */
  readonly mounts: readonly Mount[];
  readonly network: NetworkMode;
  readonly security: SecurityMode;
  readonly secretEnv: readonly SecretEnv[];
  readonly devices: readonly CdiDevice[];
}

export type NetworkMode = "sandbox" | "host" | "none";
export type SecurityMode = "sandbox" | "insecure";

export interface Process {
  readonly args: readonly string[];
  /** `KEY=value`, in the order in which the variables were last set. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: string;
  readonly hostname: string;
  readonly cgroupParent: string;
  readonly extraHosts: readonly HostAddress[];
  readonly ulimits: readonly Ulimit[];
  /** Exit codes that count as success; empty means just 0. */
  readonly validExitCodes: readonly number[];
  readonly proxyEnv: ProxyEnv | undefined;
}

export interface HostAddress {
  readonly host: string;
  readonly ip: string;
}

export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** Proxy variables that a process sees without their being part of any cache key. */
export interface ProxyEnv {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly ftpProxy: string;
  readonly noProxy: string;
  readonly allProxy: string;
}

export interface SecretEnv {
  readonly id: string;
  readonly name: string;
  readonly optional: boolean;
}

export interface CdiDevice {
  readonly name: string;
  readonly optional: boolean;
}

export type CacheSharing = "shared" | "private" | "locked";
export type ContentCache = "default" | "on" | "off";

export type Mount = BindMount | CacheMount | TmpfsMount | SecretMount | SshMount;

/** An output of the graph. With `output: true` (and not readonly) what the process leaves there is a result of the vertex. */
export interface BindMount {
  readonly kind: "bind";
  readonly target: string;
  readonly from: Output | undefined;
  /** Path inside `from`; empty for all of it. */
  readonly selector: string;
  readonly readonly: boolean;
  readonly output: boolean;
  readonly contentCache: ContentCache;
}

/** A directory that the daemon keeps between builds under `id`; `from` is what it starts with. */
export interface CacheMount {
  readonly kind: "cache";
  readonly target: string;
  readonly from: Output | undefined;
  readonly selector: string;
  readonly readonly: boolean;
  readonly id: string;
  readonly sharing: CacheSharing;
}

export interface TmpfsMount {
  readonly kind: "tmpfs";
  readonly target: string;
  readonly readonly: boolean;
  /** 0 is without a limit. */
  readonly sizeBytes: number;
  /** Has no meaning, but is a part of the digest when it is set. */
  readonly selector?: string;
}

export interface SecretMount {
  readonly kind: "secret";
  readonly target: string;
  readonly id: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly optional: boolean;
}

export interface SshMount {
  readonly kind: "ssh";
  readonly target: string;
  readonly id: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly optional: boolean;
}

/** Changes to a file tree; the result of the last action is the output. */
export interface FileOp {
  readonly kind: "file";
  /** The tree that the actions work on, and in whose /etc/passwd owners are looked up by name. */
  readonly base: Output | undefined;
  readonly actions: readonly FileAction[];
}

/** Where an action finds a tree: nowhere, in the graph, or in the result of an earlier action of the same op. */
export type FileInput =
  | { readonly kind: "scratch" }
  | { readonly kind: "output"; readonly output: Output }
  | { readonly kind: "action"; readonly index: number };

export type FileAction = CopyAction | MkfileAction | MkdirAction | RmAction | SymlinkAction;

interface Action {
  readonly input: FileInput;
}

export interface CopyAction extends Action {
  readonly kind: "copy";
  readonly source: FileInput;
  /** Absolute paths; `destination` may end in a slash. */
  readonly from: string;
  readonly destination: string;
  readonly owner: Owner | undefined;
  readonly mode: CopyMode;
  readonly followSymlink: boolean;
  readonly dirCopyContents: boolean;
  readonly attemptUnpack: boolean;
  readonly createDestPath: boolean;
  readonly allowWildcard: boolean;
  readonly allowEmptyWildcard: boolean;
  readonly alwaysReplaceExistingDestPaths: boolean;
  readonly includePatterns: readonly string[];
  readonly excludePatterns: readonly string[];
  readonly requiredPaths: readonly string[];
  readonly timestamp: Timestamp;
}

/** The permissions of what is copied: those of the source, the given bits, or symbolic changes such as `u+x`. */
export type CopyMode =
  | { readonly kind: "keep" }
  | { readonly kind: "bits"; readonly bits: number }
  | { readonly kind: "symbolic"; readonly text: string };

export interface MkfileAction extends Action {
  readonly kind: "mkfile";
  readonly path: string;
  readonly mode: number;
  readonly data: Uint8Array;
  readonly owner: Owner | undefined;
  readonly timestamp: Timestamp;
}

export interface MkdirAction extends Action {
  readonly kind: "mkdir";
  readonly path: string;
  readonly mode: number;
  readonly makeParents: boolean;
  readonly owner: Owner | undefined;
  readonly timestamp: Timestamp;
}

export interface RmAction extends Action {
  readonly kind: "rm";
  readonly path: string;
  readonly allowNotFound: boolean;
  readonly allowWildcard: boolean;
}

export interface SymlinkAction extends Action {
  readonly kind: "symlink";
  readonly target: string;
  readonly path: string;
  readonly owner: Owner | undefined;
  readonly timestamp: Timestamp;
}

/** Nanoseconds since 1970, or `undefined` to leave the time as it comes. */
export type Timestamp = bigint | undefined;

export interface Owner {
  readonly user: OwnerName | undefined;
  readonly group: OwnerName | undefined;
}

export type OwnerName =
  | { readonly kind: "id"; readonly id: number }
  /** `base` tells whether the name is looked up in the op's base; else (on scratch) it can't be. */
  | { readonly kind: "name"; readonly name: string };

/** The inputs on top of each other, later ones above. At least two, none of them scratch. */
export interface MergeOp {
  readonly kind: "merge";
  readonly inputs: readonly Output[];
}

/** What has to be put on `lower` to get `upper`. */
export interface DiffOp {
  readonly kind: "diff";
  readonly lower: Output | undefined;
  readonly upper: Output | undefined;
}

/** A definition that a vertex writes into a file, solved as a part of this graph. */
export interface BuildOp {
  readonly kind: "build";
  readonly source: Output;
  /** File that holds the marshalled `pb.Definition`; the daemon's default when empty. */
  readonly filename: string;
}

/** Hands inputs through under a name of its own. */
export interface PassthroughOp {
  readonly kind: "passthrough";
  readonly id: string;
  readonly inputs: readonly Output[];
  /** Which inputs are outputs, in order. */
  readonly outputs: readonly number[];
}

/** What accompanies a vertex without being part of its digest. */
export interface OpMetadata {
  readonly ignoreCache?: boolean;
  /** `llb.customname` is what progress shows. */
  readonly description?: Readonly<Record<string, string>>;
  readonly exportCache?: boolean;
  /** Capabilities besides those that follow from the op itself (`capsOf`). */
  readonly caps?: readonly string[];
  readonly progressGroup?: ProgressGroup;
  readonly linuxResources?: LinuxResources;
}

export interface ProgressGroup {
  readonly id: string;
  readonly name: string;
  /** A weak group gives way to a strong one of the same vertex. */
  readonly weak: boolean;
}

/** Limits of a container. Bytes, microseconds, relative weight. */
export interface LinuxResources {
  readonly memory?: number;
  readonly memorySwap?: number;
  readonly cpuShares?: number;
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
}
