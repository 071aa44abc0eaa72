/**
 * The attributes of a frontend request as typed options: what `docker build` flags become.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/config.go (`init`); messages and their order as there.
 */
import {
  BuildError,
  type HostAddress,
  type LinuxResources,
  linux,
  type NetworkMode,
  normalizePlatform,
  type Platform,
  parsePlatform,
  type Ulimit,
} from "../../../llb/index.ts";
import { type CheckOptions, parseCheckOptions } from "../lint/check-options.ts";
import { parseBool, parseInteger } from "../text/number.ts";
import { quote } from "../text/quote.ts";
import { parseAttestations } from "./attestations.ts";
import { type CacheImport, parseCacheImports } from "./cache-imports.ts";
import { parseExtraHosts } from "./extra-hosts.ts";
import { parseLinuxResources } from "./linux-resources.ts";
import { type SbomOptions, sbomOptions } from "./sbom.ts";
import { parseUlimits } from "./ulimits.ts";

export type ResolveMode = "default" | "pull" | "local";

export interface BuildOptions {
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  /** Empty for the last stage. */
  readonly target: string;
  /** As asked for; empty when the worker's own is meant. */
  readonly targetPlatforms: readonly Platform[];
  /** The platform of the worker: where RUN runs unless a stage says otherwise. */
  readonly buildPlatform: Platform;
  /** Of the daemon's machine: what a platform that is named in part is completed with. */
  readonly hostPlatform: Platform;
  /** Results are listed by platform, even a single one. */
  readonly multiPlatform: boolean;
  readonly resolveMode: ResolveMode;
  readonly extraHosts: readonly HostAddress[];
  readonly shmSizeBytes: number;
  readonly ulimits: readonly Ulimit[];
  readonly linuxResources: LinuxResources | undefined;
  readonly network: NetworkMode;
  /** Stages that use no cache: "all", or by name. */
  readonly noCache: "all" | readonly string[];
  readonly cacheNamespace: string;
  readonly cgroupParent: string;
  readonly hostname: string;
  /** Instead of the file's own `# check=`. */
  readonly check: CheckOptions | undefined;
  readonly gitAdvice: boolean;
  /** For whoever solves the result. */
  readonly cacheImports: readonly CacheImport[];
  /** By type, `sbom` or `provenance`; making them is for whoever solves the result. */
  readonly attestations: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Undefined where no bill of materials is asked for. */
  readonly sbom: SbomOptions | undefined;
}

/** The attributes as the gateway passes them: `target`, `platform`, `build-arg:NAME`, `label:NAME`, … */
export type Attributes = Readonly<Record<string, string>>;

/** What the solver and its worker are. */
export interface Solver {
  /** Platforms of the first worker, its own first; empty when it doesn't tell. */
  readonly platforms: readonly Platform[];
  /** What Go takes for the platform of its own machine; when left out, what the first platform of the worker implies. */
  readonly host?: Platform;
  /** Whether the solver has an LLB capability, by its name in pb.Caps. */
  readonly supports: (capability: string) => boolean;
}

const RESOLVE_MODES = new Set(["default", "pull", "local"]);
const NETWORK_MODES = new Set(["none", "host", "sandbox"]);

/** Throws `BuildError` "bad-option". */
export function parseBuildOptions(opts: Attributes, solver: Solver): BuildOptions {
  checkRemoved(opts, solver);
  const hostPlatform = solver.host ?? hostOf(solver.platforms);
  const targetPlatforms = opts["platform"]
    ? opts["platform"].split(",").map((text) => targetPlatform(text, hostPlatform))
    : [];
  const resolveMode = oneOf<ResolveMode>(
    opts["image-resolve-mode"],
    RESOLVE_MODES,
    "default",
    "invalid image-resolve-mode: ",
  );
  const extraHosts = inContext("failed to parse additional hosts", () => parseExtraHosts(opts["add-hosts"] ?? ""));
  const shmSizeBytes = inContext("failed to parse shm size", () => integer(opts["shm-size"] ?? ""));
  const ulimits = inContext("failed to parse ulimit", () => parseUlimits(opts["ulimit"] ?? ""));
  const linuxResources = inContext("failed to parse resource limits", () => parseLinuxResources(opts));
  const network = oneOf<NetworkMode>(opts["force-network-mode"], NETWORK_MODES, "sandbox", "invalid netmode ");
  const isMultiPlatform = multiPlatform(opts, targetPlatforms.length > 1);
  const cacheImports = parseCacheImports(opts["cache-imports"] ?? "", opts["cache-from"] ?? "");
  const attestations = parseAttestations(opts);
  return {
    targetPlatforms,
    resolveMode,
    extraHosts,
    shmSizeBytes,
    ulimits,
    linuxResources,
    network,
    multiPlatform: isMultiPlatform,
    cacheImports,
    attestations,
    sbom: sbomOptions(attestations.get("sbom")),
    buildArgs: withPrefix(opts, "build-arg:"),
    labels: withPrefix(opts, "label:"),
    target: opts["target"] ?? "",
    buildPlatform: solver.platforms[0] ?? hostPlatform,
    hostPlatform,
    noCache: noCache(opts["no-cache"]),
    cacheNamespace: opts["build-arg:BUILDKIT_CACHE_MOUNT_NS"] ?? "",
    cgroupParent: opts["cgroup-parent"] ?? "",
    hostname: opts["build-arg:BUILDKIT_SANDBOX_HOSTNAME"] || opts["hostname"] || "",
    check: checkOptions(opts["build-arg:BUILDKIT_DOCKERFILE_CHECK"]),
    gitAdvice: gitAdvice(opts["build-arg:BUILDKIT_GIT_ADVICE"] ?? ""),
  };
}

/** Whether a stage of this name ignores the cache. */
export function ignoresCache(noCache: BuildOptions["noCache"], stage: string): boolean {
  return noCache === "all" || noCache.some((name) => name.toLowerCase() === stage.toLowerCase());
}

/** The attributes that begin with `prefix`, without it. */
function withPrefix(opts: Attributes, prefix: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(opts))
    if (key.startsWith(prefix)) found.set(key.slice(prefix.length), value);
  return found;
}

function checkRemoved(opts: Attributes, solver: Solver): void {
  if (!solver.supports("file.base")) throw new BuildError("bad-option", "needs BuildKit 0.5 or later");
  if (opts["override-copy-image"]) {
    throw new BuildError("bad-option", 'support for "override-copy-image" was removed in BuildKit 0.11');
  }
  if (parseBool(opts["build-arg:BUILDKIT_DISABLE_FILEOP"] ?? "") === true) {
    throw new BuildError("bad-option", 'support for "BUILDKIT_DISABLE_FILEOP" build-arg was removed in BuildKit 0.11');
  }
}

/** Only of 32-bit ARM does Go tell the variant of its machine when nobody has asked for one. */
function hostOf([first]: readonly Platform[]): Platform {
  if (first === undefined) return linux("amd64");
  return { ...linux(first.architecture), os: first.os, variant: first.architecture === "arm" ? first.variant : "" };
}

function targetPlatform(text: string, hostPlatform: Platform): Platform {
  const parsed = parsePlatform(text, hostPlatform);
  if (parsed.kind === "invalid") {
    throw new BuildError("bad-option", `failed to parse target platform ${text}: ${parsed.message}`);
  }
  return normalizePlatform(parsed.platform);
}

function oneOf<T extends string>(
  value: string | undefined,
  known: ReadonlySet<string>,
  missing: T,
  problem: string,
): T {
  if (value === undefined || value === "") return missing;
  if (!known.has(value)) throw new BuildError("bad-option", `${problem}${value}`);
  // Just checked to be one of them.
  return value as T;
}

function integer(text: string): number {
  if (text === "") return 0;
  const parsed = parseInteger(text);
  if (parsed.kind === "invalid") throw new BuildError("bad-option", parsed.message);
  return Number(parsed.value);
}

function noCache(value: string | undefined): BuildOptions["noCache"] {
  return value === undefined ? [] : value === "" ? "all" : value.split(",");
}

function multiPlatform(opts: Attributes, several: boolean): boolean {
  const value = opts["build-arg:BUILDKIT_MULTI_PLATFORM"] || opts["multi-platform"] || "";
  if (value === "") return several;
  const flag = parseBool(value);
  if (flag === undefined) throw new BuildError("bad-option", `invalid boolean value for multi-platform: ${value}`);
  if (!flag && several) {
    throw new BuildError("bad-option", "conflicting config: returning multiple target platforms is not allowed");
  }
  return flag;
}

function checkOptions(value: string | undefined): CheckOptions | undefined {
  if (value === undefined) return undefined;
  return inContext("failed to parse build-arg:BUILDKIT_DOCKERFILE_CHECK", () => parseCheckOptions(value));
}

function gitAdvice(value: string): boolean {
  if (value === "") return false;
  const flag = parseBool(value);
  if (flag !== undefined) return flag;
  const problem = `strconv.ParseBool: parsing ${quote(value)}: invalid syntax`;
  throw new BuildError("bad-option", `failed to parse build-arg:BUILDKIT_GIT_ADVICE: ${problem}`);
}

function inContext<T>(context: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof BuildError)) throw cause;
    throw new BuildError("bad-option", `${context}: ${cause.message}`, { cause });
  }
}
