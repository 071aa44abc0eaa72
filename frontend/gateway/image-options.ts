/** What a request says about the images of a repository. docs/frontend.md, "Options". */
import { BuildError, formatPlatform } from "../../llb/index.ts";
import {
  didYouMean,
  type Environment,
  isForeignBuildArg,
  type Naming,
  NO_SETTINGS,
  namingOf,
  PROFILES,
  parseArchitecture,
  parseSanitizer,
  type Settings,
  type Variant,
  variantOf,
} from "../../mzbuild/index.ts";
import { type Attributes, type BuildOptions, parseBuildOptions, type Solver } from "../dockerfile/index.ts";
import { CARGO_BUILDER } from "./compile-plan.ts";

const PREFIX = "build-arg:";

/** Build arguments that are options of ours. */
const OWN = [
  "MZ_IMAGE",
  "MZ_IMAGE_REGISTRY",
  "MZ_IMAGE_PREFIX",
  "MZ_REGISTRY_TIMEOUT",
  CARGO_BUILDER,
  "MZ_PROFILE",
  "MZ_SANITIZER",
  "MZ_GHCR",
  "CI_SANITIZER",
  "CI_COVERAGE_ENABLED",
  "CI_LTO",
];

export interface ImageOptions {
  /** The attributes of the request, typed. */
  readonly build: BuildOptions;
  /** Our own build arguments stand for the environment that a client would have. */
  readonly env: Environment;
  /** What holds for every image of the graph, and not only for the one that was asked for. */
  readonly shared: Attributes;
  /** Attributes: build arguments for all Dockerfiles. */
  readonly buildArgs: Attributes;
  /** With such arguments images are others than those that fingerprints name. */
  readonly isForeign: boolean;
  /** What holds for the image that was asked for, and not for what it is built on. */
  readonly requested: Attributes;
}

/** Throws `BuildError` "bad-option" for what can't be right, and for a name that is nearly one of ours. */
export function imageOptions(opts: Attributes, solver: Solver): ImageOptions {
  const entries = Object.entries(opts);
  const env: Record<string, string> = {};
  for (const [key, value] of entries) {
    const name = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : "";
    if (OWN.includes(name)) env[name] = value;
    else checkName(name);
  }
  const buildArgs = entries.filter(([key]) => isBuildArg(key));
  return {
    build: parseBuildOptions(opts, solver),
    env,
    shared: Object.fromEntries(entries.filter(([key]) => isShared(key))),
    buildArgs: Object.fromEntries(buildArgs),
    isForeign: buildArgs.some(([key]) => isForeignBuildArg(key.slice(PREFIX.length))),
    requested: Object.fromEntries(entries.filter(([key]) => key === "target" || key.startsWith("label:"))),
  };
}

/** How long the registry may take to answer, in seconds; undefined where nothing is said. Throws `BuildError` "bad-option". */
export function registryTimeoutSeconds({ env }: ImageOptions): number | undefined {
  const text = env["MZ_REGISTRY_TIMEOUT"];
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (text.trim() !== "" && seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS) return seconds;
  const message = `MZ_REGISTRY_TIMEOUT is ${JSON.stringify(text)}, which is no time`;
  throw new BuildError("bad-option", message, { hint: "it is a number of seconds" });
}

const MAX_TIMEOUT_SECONDS = 3600;

/** What the options say of names, before the settings. */
export function imageNaming({ env }: ImageOptions, settings: Settings): Naming {
  return namingOf(
    { registry: env["MZ_IMAGE_REGISTRY"], prefix: env["MZ_IMAGE_PREFIX"] },
    { registry: settings === NO_SETTINGS ? undefined : (settings.registry ?? ""), prefix: settings.imagePrefix },
    env,
  );
}

/** One for each platform, in the order in which they were asked for. Throws `BuildError`. */
export function imageVariants({ build, env }: ImageOptions, settings: Settings): readonly Variant[] {
  const { targetPlatforms, buildPlatform } = build;
  const platforms = targetPlatforms.length > 0 ? targetPlatforms : [buildPlatform];
  const { MZ_PROFILE: named, MZ_SANITIZER: sanitizer } = env;
  const profile = PROFILES.find((known) => known === named);
  if (named !== undefined && profile === undefined) {
    const hint = didYouMean(named, PROFILES) ?? `the profiles are ${PROFILES.join(", ")}`;
    throw new BuildError("unknown-profile", `MZ_PROFILE names ${JSON.stringify(named)}, which is no profile`, { hint });
  }
  return platforms.map((platform) => {
    if (platform.os !== "linux") {
      const message = `images of a repository are built for Linux, not ${formatPlatform(platform)}`;
      throw new BuildError("bad-platform", message);
    }
    const options = {
      profile,
      architecture: parseArchitecture(platform.architecture),
      sanitizer: sanitizer === undefined ? undefined : parseSanitizer(sanitizer, "MZ_SANITIZER"),
    };
    return variantOf(options, { env, hostArchitecture: platform.architecture, profile: settings.profile });
  });
}

/** `MZ_…` is ours: an option of such a name that isn't known has been misspelled, and would do nothing. */
function checkName(name: string): void {
  if (!name.startsWith("MZ_")) return;
  const near = didYouMean(name, OWN);
  if (near === undefined) return;
  throw new BuildError("bad-option", `the build argument ${name} is no option of the frontend`, { hint: near });
}

const SHARED_KEYS = new Set([
  "no-cache",
  "image-resolve-mode",
  "add-hosts",
  "shm-size",
  "ulimit",
  "cgroup-parent",
  "force-network-mode",
  "hostname",
  "build-platform",
  "memory",
  "memswap",
  "cpushares",
  "cpuperiod",
  "cpuquota",
  "cpusetcpus",
  "cpusetmems",
]);

function isShared(key: string): boolean {
  return SHARED_KEYS.has(key) || /^(?:context|input-metadata|local-sessionid|sharedkey):/.test(key);
}

/** Those that Dockerfiles see: neither ours, nor what asks for this frontend. */
function isBuildArg(key: string): boolean {
  const name = key.slice(PREFIX.length);
  return key.startsWith(PREFIX) && name !== "BUILDKIT_SYNTAX" && !OWN.includes(name);
}
