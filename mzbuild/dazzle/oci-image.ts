/**
 * Images as dazzle handles them: manifests and configs of the OCI, read from any registry, written as Go writes them. Fields that
 * the structure lacks are lost, as they are with the reference.
 * Contract: opencontainers/image-spec v1.1.0-rc2: specs-go/v1 (`Image`, `Manifest`), the order of fields included.
 */
import { goJson } from "../../llb/index.ts";

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
export const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
export const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
export const INDEX_TYPES: readonly string[] = [INDEX_TYPE, "application/vnd.docker.distribution.manifest.list.v2+json"];

export interface OciDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: OciPlatform;
}

export interface OciPlatform {
  readonly architecture: string;
  readonly os: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
  readonly variant?: string;
}

export interface OciManifest {
  readonly schemaVersion: number;
  readonly mediaType?: string;
  readonly config: OciDescriptor;
  readonly layers: readonly OciDescriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface OciHistory {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

export interface OciContainerConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly ArgsEscaped?: boolean;
}

export interface OciConfig {
  /** RFC 3339. */
  readonly created?: string;
  readonly author?: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly os: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
  readonly config: OciContainerConfig;
  readonly rootfs: { readonly type: string; readonly diff_ids: readonly string[] };
  readonly history: readonly OciHistory[];
}

/** An image of one platform, as a registry has it. */
export interface OciImage {
  readonly manifest: OciManifest;
  readonly config: OciConfig;
}

/** The bytes of a manifest. `mediaType` and `annotations` are left out where there are none. */
export function formatManifest({ schemaVersion, mediaType, config, layers, annotations }: OciManifest): Uint8Array {
  return json({
    schemaVersion,
    mediaType: mediaType || undefined,
    config: formatDescriptor(config),
    layers: layers.map(formatDescriptor),
    annotations: sorted(annotations),
  });
}

/** The bytes of a config. */
export function formatConfig(image: OciConfig): Uint8Array {
  const { config } = image;
  return json({
    created: image.created,
    author: image.author || undefined,
    architecture: image.architecture,
    variant: image.variant || undefined,
    os: image.os,
    "os.version": image["os.version"] || undefined,
    "os.features": some(image["os.features"]),
    config: {
      User: config.User || undefined,
      ExposedPorts: sorted(config.ExposedPorts),
      Env: some(config.Env),
      Entrypoint: some(config.Entrypoint),
      Cmd: some(config.Cmd),
      Volumes: sorted(config.Volumes),
      WorkingDir: config.WorkingDir || undefined,
      Labels: sorted(config.Labels),
      StopSignal: config.StopSignal || undefined,
      ArgsEscaped: config.ArgsEscaped || undefined,
    },
    rootfs: { type: image.rootfs.type, diff_ids: image.rootfs.diff_ids },
    history: some(
      image.history.map((entry) => ({
        created: entry.created,
        created_by: entry.created_by || undefined,
        author: entry.author || undefined,
        comment: entry.comment || undefined,
        empty_layer: entry.empty_layer || undefined,
      })),
    ),
  });
}

function formatDescriptor(descriptor: OciDescriptor): unknown {
  const { platform } = descriptor;
  return {
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    urls: some(descriptor.urls),
    annotations: sorted(descriptor.annotations),
    platform: platform && {
      architecture: platform.architecture,
      os: platform.os,
      "os.version": platform["os.version"] || undefined,
      "os.features": some(platform["os.features"]),
      variant: platform.variant || undefined,
    },
  };
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(goJson(value));
}

function some<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

/** Go writes maps by the order of their keys, and those without any not at all. */
function sorted<T>(map: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> | undefined {
  const entries = Object.entries(map ?? {});
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
}

/** The bytes of an index. */
export function formatIndex(manifests: readonly OciDescriptor[]): Uint8Array {
  return json({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: manifests.map(formatDescriptor) });
}
