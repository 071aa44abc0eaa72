/**
 * A chunk's own layers as an image: what was built, without what the base has. docs/dazzle.md, "Chunked images".
 * Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/build.go (`removeBaseLayer`); messages as there.
 */
import { BuildError, digestOfBytes } from "../../llb/index.ts";
import {
  CONFIG_TYPE,
  formatConfig,
  formatManifest,
  MANIFEST_TYPE,
  type OciImage,
  type OciManifest,
} from "./oci-image.ts";

export const BASE_REF_ANNOTATION = "dazzle.gitpod.io/base-ref";

/** An image ready to be stored: the bytes are what its digests are of. */
export interface StoredImage {
  readonly manifest: OciManifest;
  readonly manifestBytes: Uint8Array;
  readonly mediaType: string;
  readonly configBytes: Uint8Array;
}

/** Throws `BuildError` "not-built-on-base". */
export function chunkedImage(full: OciImage, base: OciImage, baseRef: string): StoredImage {
  checkLayers(full, base);
  const { config } = full;
  const configBytes = formatConfig({
    ...config,
    rootfs: { ...config.rootfs, diff_ids: config.rootfs.diff_ids.slice(base.config.rootfs.diff_ids.length) },
    history: config.history.slice(base.config.history.length),
  });
  const { platform } = full.manifest.config;
  const manifest: OciManifest = {
    ...full.manifest,
    mediaType: MANIFEST_TYPE,
    config: {
      mediaType: CONFIG_TYPE,
      digest: digestOfBytes(configBytes),
      size: configBytes.length,
      ...(platform === undefined ? {} : { platform }),
    },
    layers: full.manifest.layers.slice(base.manifest.layers.length).map((layer) => ({
      ...layer,
      mediaType: ociLayerType(layer.mediaType),
    })),
    annotations: { ...full.manifest.annotations, [BASE_REF_ANNOTATION]: baseRef },
  };
  return { manifest, manifestBytes: formatManifest(manifest), mediaType: MANIFEST_TYPE, configBytes };
}

/** The OCI's name for a layer, by its compression. The reference calls all of them gzip. */
function ociLayerType(mediaType: string): string {
  if (mediaType.endsWith("zstd")) return "application/vnd.oci.image.layer.v1.tar+zstd";
  if (mediaType === "application/vnd.oci.image.layer.v1.tar" || mediaType.endsWith(".diff.tar")) {
    return "application/vnd.oci.image.layer.v1.tar";
  }
  return "application/vnd.oci.image.layer.v1.tar+gzip";
}

function checkLayers(full: OciImage, base: OciImage): void {
  const fail = (what: string): BuildError =>
    new BuildError("not-built-on-base", `chunk was not built from base image: ${what}`, {
      hint: "its Dockerfile begins with ARG base and FROM ${base}, and its last stage is built on that",
    });
  for (const [index, { digest }] of base.manifest.layers.entries()) {
    const layer = full.manifest.layers[index];
    const diffId = full.config.rootfs.diff_ids[index];
    const baseDiffId = base.config.rootfs.diff_ids[index] ?? "";
    if (layer === undefined) throw fail("too few layers");
    if (diffId === undefined) throw fail("too few diffIDs");
    if (layer.digest !== digest)
      throw fail(`digest mismatch on layer ${index}: base ${digest} != chunk ${layer.digest}`);
    if (diffId !== baseDiffId) throw fail(`digest mismatch on diffID ${index}: base ${baseDiffId} != chunk ${diffId}`);
  }
}
