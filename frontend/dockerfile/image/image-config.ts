/**
 * The config of an image, as the OCI and Docker define it. Fields that this structure doesn't know are lost when a config
 * is read, as they are in the original.
 * Contract: opencontainers/image-spec v1 (`Image`), moby/docker-image-spec v1 (`DockerOCIImage`); moby/buildkit v0.33.0:
 * frontend/dockerfile/dockerfile2llb/image.go.
 */
import type { Platform } from "../../../llb/index.ts";

export interface ImageConfig {
  /** RFC 3339, or undefined. */
  readonly created: string | undefined;
  readonly author: string;
  readonly platform: Platform;
  readonly rootfs: RootFs;
  readonly history: readonly HistoryEntry[];
  readonly config: ContainerConfig;
}

/** `diffIds` undefined is written as null. */
export interface RootFs {
  readonly type: string;
  readonly diffIds: readonly string[] | undefined;
}

export interface HistoryEntry {
  readonly created: string | undefined;
  readonly createdBy: string;
  readonly author: string;
  readonly comment: string;
  readonly emptyLayer: boolean;
}

/** How a container of the image runs. Empty values are the same as missing ones. */
export interface ContainerConfig {
  readonly user: string;
  readonly exposedPorts: ReadonlySet<string>;
  /** `KEY=value`; a key may be there more than once, and "=" may be missing. */
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly volumes: ReadonlySet<string>;
  readonly workingDir: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly stopSignal: string;
  readonly argsEscaped: boolean;
  readonly healthcheck: Healthcheck | undefined;
  readonly onBuild: readonly string[];
  readonly shell: readonly string[];
}

/** Durations in nanoseconds; 0 inherits. */
export interface Healthcheck {
  readonly test: readonly string[];
  readonly interval: bigint;
  readonly timeout: bigint;
  readonly startPeriod: bigint;
  readonly startInterval: bigint;
  readonly retries: bigint;
}

export const unixPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export const emptyContainerConfig: ContainerConfig = {
  user: "",
  exposedPorts: new Set(),
  env: [],
  entrypoint: [],
  cmd: [],
  volumes: new Set(),
  workingDir: "",
  labels: new Map(),
  stopSignal: "",
  argsEscaped: false,
  healthcheck: undefined,
  onBuild: [],
  shell: [],
};

/** The config that `FROM scratch` starts with. Windows sets its own PATH. */
export function emptyImageConfig(platform: Platform): ImageConfig {
  return {
    created: undefined,
    author: "",
    platform,
    rootfs: { type: "layers", diffIds: undefined },
    history: [],
    config: {
      ...emptyContainerConfig,
      workingDir: "/",
      env: platform.os === "windows" ? [] : [`PATH=${unixPath}`],
    },
  };
}
