/**
 * The image of a combination: the layers of the base, then those of each chunk. docs/dazzle.md, "Combinations".
 * Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/combiner.go (`Combine`).
 */
import { digestOfBytes } from "../../llb/index.ts";
import type { StoredImage } from "./chunked-image.ts";
import { mergeEnv } from "./merge-env.ts";
import {
  CONFIG_TYPE,
  formatConfig,
  formatManifest,
  MANIFEST_TYPE,
  type OciConfig,
  type OciDescriptor,
  type OciImage,
  type OciManifest,
} from "./oci-image.ts";
import type { EnvVarRule } from "./project-config.ts";

export interface CombineOptions {
  readonly envVars: readonly EnvVarRule[];
  /** RFC 3339. */
  readonly created: string;
}

/** `chunks` are chunked images, in the order of their layers. */
export function combineImages(base: OciImage, chunks: readonly OciImage[], options: CombineOptions): StoredImage {
  const config = combinedConfig(
    base.config,
    chunks.map((chunk) => chunk.config),
    options,
  );
  const configBytes = formatConfig(config);
  const all = [base, ...chunks];
  const descriptor: OciDescriptor = {
    mediaType: CONFIG_TYPE,
    digest: digestOfBytes(configBytes),
    size: configBytes.length,
  };
  const annotations = Object.assign({}, ...all.map(({ manifest }) => manifest.annotations ?? {}).reverse());
  const manifest: OciManifest = {
    schemaVersion: base.manifest.schemaVersion,
    config: descriptor,
    layers: all.flatMap(({ manifest: { layers } }) => layers),
    annotations,
  };
  return { manifest, manifestBytes: formatManifest(manifest), mediaType: MANIFEST_TYPE, configBytes };
}

/** Labels and volumes are dropped, the base's too; of the chunks only ports, variables, layers and their history count. */
function combinedConfig(
  base: OciConfig,
  chunks: readonly OciConfig[],
  { envVars, created }: CombineOptions,
): OciConfig {
  const all = [base, ...chunks];
  const { Entrypoint, Cmd, User, WorkingDir, StopSignal } = base.config;
  const defined = { Entrypoint, Cmd, User, WorkingDir, StopSignal };
  return {
    created,
    architecture: base.architecture,
    os: base.os,
    config: {
      ...Object.fromEntries(Object.entries(defined).filter(([, value]) => value !== undefined)),
      ExposedPorts: Object.assign({}, ...all.map(({ config }) => config.ExposedPorts ?? {})),
      Env: mergeEnv(
        all.map(({ config }) => config.Env ?? []),
        envVars,
      ),
    },
    rootfs: { type: base.rootfs.type, diff_ids: all.flatMap(({ rootfs }) => rootfs.diff_ids) },
    history: all.flatMap(({ history }) => history),
  };
}
